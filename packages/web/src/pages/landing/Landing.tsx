import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Rings } from "../../parts/Rings.tsx";
import { loginAddress } from "../../portal/me.ts";
import { Footer } from "../../shell/Footer.tsx";
import { Logo } from "../../shell/Logo.tsx";
import classes from "./Landing.module.css";

const steps = ["find", "start", "work"] as const;

/** The door: what this is, and one button. */
export function Landing() {
  const { t } = useTranslation();
  return (
    <div className={classes.landing}>
      <main className={classes.main}>
        <Rings className={classes.rings ?? ""} />
        <p className={classes.brand}>
          <Logo /> {t("portal.name")}
        </p>
        <h1 className={classes.title}>{t("landing.title")}</h1>
        <p className={classes.lead}>{t("landing.lead")}</p>
        <Button component="a" href={loginAddress("/")} size="lg">
          {t("account.login")}
        </Button>
        <ol className={classes.steps}>
          {steps.map((step) => (
            <li key={step}>
              <h2>{t(`landing.${step}`)}</h2>
              <p>{t(`landing.${step}Text`)}</p>
            </li>
          ))}
        </ol>
      </main>
      <Footer />
    </div>
  );
}
