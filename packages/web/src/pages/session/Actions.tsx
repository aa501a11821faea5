import type { Session } from "@endstation/api";
import { Button, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconClockPlus,
  IconPencil,
  IconPlayerStop,
  IconUserPlus,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { OpenButton } from "../../parts/session/OpenButton.tsx";
import { isEnded, mayDo } from "../../portal/phases.ts";
import type { DialogName } from "./dialogs/Dialogs.tsx";
import { StartAgain } from "./StartAgain.tsx";

/** What this person may do with the session as it is now. */
export function Actions({ session, show }: { session: Session; show: (dialog: DialogName) => void }) {
  const { t } = useTranslation();
  if (isEnded(session)) return <StartAgain session={session} />;
  return (
    <>
      <OpenButton session={session} />
      <More session={session} show={show} />
      {mayDo("stop", session) && session.phase !== "stopping" && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop aria-hidden size={16} />}
          onClick={() => show("stop")}
        >
          {t("session.stop")}
        </Button>
      )}
    </>
  );
}

function More({ session, show }: { session: Session; show: (dialog: DialogName) => void }) {
  const { t } = useTranslation();
  if (!mayDo("change", session) || session.phase === "stopping") return null;
  const items = [
    { dialog: "share", Icon: IconUserPlus },
    { dialog: "extend", Icon: IconClockPlus },
    { dialog: "rename", Icon: IconPencil },
  ] as const;
  return (
    <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" rightSection={<IconChevronDown aria-hidden size={16} />}>
          {t("session.more")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map(({ dialog, Icon }) => (
          <Menu.Item key={dialog} leftSection={<Icon aria-hidden size={16} />} onClick={() => show(dialog)}>
            {t(`session.${dialog}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
