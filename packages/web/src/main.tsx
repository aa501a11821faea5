import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/tokens.css";
import "./i18n/i18n.ts";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { takeLinkSecret } from "./portal/link-secret.ts";
import { Providers } from "./shell/Providers.tsx";

takeLinkSecret();
const place = document.getElementById("root");
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <Providers />
    </StrictMode>,
  );
