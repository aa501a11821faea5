import "@h5web/app/styles.css";
import "../../web/src/theme/tokens.css";
import "./viewer.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { placeIn } from "./address.ts";
import { warm } from "./portal.ts";
import { ViewerPage } from "./ViewerPage.tsx";

warm(placeIn(location));
const root = document.getElementById("root");
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <ViewerPage />
    </StrictMode>,
  );
