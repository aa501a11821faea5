import type { Me } from "@endstation/api";
import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconInfoCircle, IconKey, IconLogout, IconServer } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { postForm } from "../portal/post-form.ts";
import classes from "./AccountMenu.module.css";
import { ColourItems } from "./ColourItems.tsx";

/** Who is logged in, what is hers, the colours, and the way out. */
export function AccountMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  return (
    <Menu
      position="bottom-end"
      width={240}
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={t("account.menu", { name: me.name })}>
          <span aria-hidden className={classes.initials} data-initials={initialsOf(me.name)} />
          <span className={classes.name}>{me.name}</span>
          <IconChevronDown aria-hidden size={16} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("account.as", { account: me.account })}</Menu.Label>
        <Menu.Item component={Link} to="/tokens" leftSection={<IconKey aria-hidden size={18} />}>
          {t("nav.tokens")}
        </Menu.Item>
        {me.roles.includes("admin") && (
          <Menu.Item component={Link} to="/providers" leftSection={<IconServer aria-hidden size={18} />}>
            {t("nav.providers")}
          </Menu.Item>
        )}
        <Menu.Item component={Link} to="/about" leftSection={<IconInfoCircle aria-hidden size={18} />}>
          {t("nav.about")}
        </Menu.Item>
        <Menu.Divider />
        <ColourItems />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout aria-hidden size={18} />}
          onClick={() => postForm("/auth/logout", {})}
        >
          {t("account.logout")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const [first = "", last = ""] = [words[0], words.length > 1 ? words.at(-1) : ""];
  return `${first.slice(0, 1)}${last.slice(0, 1)}`.toUpperCase();
}
