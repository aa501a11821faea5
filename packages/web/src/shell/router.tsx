import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { ErrorPage } from "./ErrorPage.tsx";
import { NotFoundPage } from "./NotFoundPage.tsx";
import { Shell } from "./Shell.tsx";
import { datasetSearch, openSearch, placeSearch, runSearch, sessionSearch } from "./search.ts";

/** Every address of the UI; a page's code is fetched when somebody goes there. */
const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});
const under = { getParentRoute: () => root } as const;

const experiments = createRoute({
  ...under,
  path: "/",
  component: lazyRouteComponent(() => import("../pages/experiments/ExperimentsPage.tsx"), "ExperimentsPage"),
});
const experiment = createRoute({
  ...under,
  path: "/proposals/$id",
  component: lazyRouteComponent(() => import("../pages/experiment/ExperimentPage.tsx"), "ExperimentPage"),
});
const datasets = createRoute({
  ...under,
  path: "/datasets",
  validateSearch: datasetSearch,
  component: lazyRouteComponent(() => import("../pages/find-data/FindDataPage.tsx"), "FindDataPage"),
});
const dataset = createRoute({
  ...under,
  path: "/datasets/$id",
  validateSearch: placeSearch,
  component: lazyRouteComponent(() => import("../pages/dataset/DatasetPage.tsx"), "DatasetPage"),
});
const run = createRoute({
  ...under,
  path: "/run",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("../pages/run/RunPage.tsx"), "RunPage"),
});
const notices = createRoute({
  ...under,
  path: "/notices",
  component: lazyRouteComponent(() => import("../pages/notices/NoticesPage.tsx"), "NoticesPage"),
});
const sessions = createRoute({
  ...under,
  path: "/sessions",
  validateSearch: sessionSearch,
  component: lazyRouteComponent(() => import("../pages/sessions/SessionsPage.tsx"), "SessionsPage"),
});
const session = createRoute({
  ...under,
  path: "/sessions/$id",
  component: lazyRouteComponent(() => import("../pages/session/SessionPage.tsx"), "SessionPage"),
});
const join = createRoute({
  ...under,
  path: "/join",
  component: lazyRouteComponent(() => import("../pages/join/JoinPage.tsx"), "JoinPage"),
});
const sessionOpen = createRoute({
  ...under,
  path: "/sessions/$id/open",
  validateSearch: openSearch,
  component: lazyRouteComponent(() => import("../pages/session-open/SessionOpenPage.tsx"), "SessionOpenPage"),
});
const environments = createRoute({
  ...under,
  path: "/environments",
  component: lazyRouteComponent(
    () => import("../pages/environments/EnvironmentsPage.tsx"),
    "EnvironmentsPage",
  ),
});
const providers = createRoute({
  getParentRoute: () => root,
  path: "/providers",
  component: lazyRouteComponent(() => import("../pages/providers/ProvidersPage.tsx"), "ProvidersPage"),
});

const tokens = createRoute({
  ...under,
  path: "/tokens",
  component: lazyRouteComponent(() => import("../pages/tokens/TokensPage.tsx"), "TokensPage"),
});
const device = createRoute({
  ...under,
  path: "/device",
  component: lazyRouteComponent(() => import("../pages/device/DevicePage.tsx"), "DevicePage"),
});
const about = createRoute({
  ...under,
  path: "/about",
  component: lazyRouteComponent(() => import("../pages/about/AboutPage.tsx"), "AboutPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    experiments,
    experiment,
    datasets,
    dataset,
    run,
    notices,
    sessions,
    session,
    sessionOpen,
    join,
    environments,
    providers,
    tokens,
    device,
    about,
  ]),
  defaultPreload: "intent",
  scrollRestoration: true,
  defaultErrorComponent: ErrorPage,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
