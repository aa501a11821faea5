import type { Session } from "@endstation/api";
import { ExtendDialog } from "./ExtendDialog.tsx";
import { RenameDialog } from "./RenameDialog.tsx";
import { ShareDialog } from "./ShareDialog.tsx";
import { StopDialog } from "./StopDialog.tsx";

export type DialogName = "stop" | "extend" | "rename" | "share";

interface DialogsProps {
  readonly session: Session;
  readonly dialog: DialogName | null;
  readonly close: () => void;
}

/** The dialogue that was asked for, if any. */
export function Dialogs({ session, dialog, close }: DialogsProps) {
  return (
    <>
      <StopDialog session={session} opened={dialog === "stop"} close={close} />
      <ExtendDialog session={session} opened={dialog === "extend"} close={close} />
      <RenameDialog session={session} opened={dialog === "rename"} close={close} />
      <ShareDialog session={session} opened={dialog === "share"} close={close} />
    </>
  );
}
