import "@h5web/app/styles.css";
import "../../web/src/theme/tokens.css";
import "./viewer.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ViewerPage } from "./ViewerPage.tsx";

const root = document.getElementById("root");
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <ViewerPage />
    </StrictMode>,
  );
