import { Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./Waiting.module.css";

/** While it is not yet known who is here; shown only when that takes long. */
export function Waiting() {
  const { t } = useTranslation();
  return (
    <main className={classes.waiting}>
      <h1 className="es-visually-hidden">{t("portal.name")}</h1>
      <Loader aria-hidden size="sm" type="dots" />
      <span role="status" className="es-visually-hidden">
        {t("common.loading")}
      </span>
    </main>
  );
}
