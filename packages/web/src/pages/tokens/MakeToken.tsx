import { useTranslation } from "react-i18next";
import { CopyText } from "../../parts/CopyText.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { useMakeToken } from "../../portal/tokens.ts";
import { TokenForm } from "./TokenForm.tsx";

/** Makes a token, then shows it: this once. */
export function MakeToken({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const make = useMakeToken();
  const end = () => {
    close();
    make.reset();
  };
  return (
    <Dialog
      title={make.data === undefined ? t("tokens.make") : t("tokens.made", { name: make.data.name })}
      opened={opened}
      close={end}
    >
      {make.data === undefined ? (
        <TokenForm make={(wanted) => make.mutate(wanted)} busy={make.isPending} error={make.error} />
      ) : (
        <>
          <Notice role="status" warning tone="busy" title={t("tokens.once")}>
            {t("tokens.onceNext")}
          </Notice>
          <br />
          <CopyText value={make.data.token} label={t("tokens.token")} />
        </>
      )}
    </Dialog>
  );
}
