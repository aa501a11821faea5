import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../../parts/Dialog.tsx";
import { Loaded } from "../../../parts/Loaded.tsx";
import { Notice } from "../../../parts/Notice.tsx";
import { useShares } from "../../../portal/sharing.ts";
import classes from "../Session.module.css";
import type { SessionDialogProps } from "./props.ts";
import { ShareForm } from "./ShareForm.tsx";
import { ShareLinks } from "./ShareLinks.tsx";
import { ShareList } from "./ShareList.tsx";

/** Who else may enter, and what that means: a member acts as the owner, a viewer looks on. */
export function ShareDialog({ session, opened, close }: SessionDialogProps) {
  const { t } = useTranslation();
  const shares = useShares(session.id, opened);
  return (
    <Dialog title={t("share.title", { name: session.name })} opened={opened} close={close} size="lg">
      <Stack gap="md">
        <Notice warning tone="busy" title={t("share.warning")}>
          {t("share.warningWhat")}
        </Notice>
        <ShareForm session={session} />
        <section aria-labelledby="shares">
          <h3 id="shares" className={classes.subheading}>
            {t("share.now")}
          </h3>
          <Loaded query={shares}>{({ items }) => <ShareList session={session} shares={items} />}</Loaded>
        </section>
        <ShareLinks session={session} opened={opened} />
      </Stack>
    </Dialog>
  );
}
