import { IconPlaylistAdd } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import classes from "./Start.module.css";

interface RunLinkProps {
  /** One dataset, or those of an experiment to choose from. */
  readonly of: { readonly dataset: string } | { readonly proposal: string };
  readonly children: ReactNode;
}

/** To where a notebook is run without being opened. */
export function RunLink({ of, children }: RunLinkProps) {
  return (
    <Link to="/run" search={of} className={classes.runLink}>
      <IconPlaylistAdd aria-hidden size={18} />
      {children}
    </Link>
  );
}
