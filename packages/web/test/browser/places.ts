import { Refusal } from "../portal/calls.ts";
import { moreRuns } from "../portal/fixtures/data.ts";
import { notices } from "../portal/fixtures/notices.ts";
import { admin } from "../portal/fixtures/people.ts";
import {
  array,
  batch,
  expiring,
  failed,
  idOf,
  lost,
  queued,
  running,
  starting,
  stopped,
} from "../portal/fixtures/sessions.ts";
import { atSession, click, heading, never, type Place, refuse, text } from "./place.ts";
import { sharingPlaces } from "./sharing-places.ts";

/** Every page, in its states. */
export const places: readonly Place[] = [
  ...sharingPlaces,
  {
    name: "landing",
    path: "/",
    arrange: ({ world }) => {
      world.me = null;
    },
    ready: heading(/Your measurement/),
  },
  { name: "experiments", path: "/", ready: text("Phonon density of states") },
  {
    name: "account menu",
    path: "/",
    ready: click("button", /Account of/),
    further: (page) => page.getByRole("menuitemradio", { name: "Dark" }).waitFor(),
  },
  {
    name: "experiments, none",
    path: "/",
    arrange: ({ world }) => {
      world.proposals = [];
    },
    ready: text("You are in the team of no experiment yet"),
  },
  {
    name: "experiments, loading",
    path: "/",
    arrange: (portal) => portal.answer("listProposals", never),
    ready: (page) => page.locator("[aria-busy=true]").waitFor(),
  },
  {
    name: "experiments, refused",
    path: "/",
    arrange: (portal) => portal.answer("listProposals", refuse),
    ready: text("A part of the portal is down"),
  },
  { name: "experiment", path: "/proposals/ipns-2001-mgb2", ready: text("Background of the empty can") },
  { name: "experiment, no data", path: "/proposals/aps-2018-series", ready: text("No datasets yet") },
  { name: "find data", path: "/datasets", ready: text("MH4, 16 T, run 33837, curve") },
  { name: "find data, nothing", path: "/datasets?q=unobtainium", ready: text("No dataset matches") },
  { name: "dataset", path: "/datasets/lrmecs-3701-mgb2-8k", ready: text("notes/SOURCE file.md") },
  {
    name: "dataset, curve",
    path: "/datasets/sans2d-33837-curve",
    ready: (page) => page.locator("svg[role=img]").waitFor(),
  },
  {
    name: "dataset, refused flavour",
    path: "/datasets/lrmecs-3701-mgb2-8k",
    ready: text("made for direct-geometry time-of-flight"),
    further: async (page) => {
      await page.getByRole("radio", { name: /Large/ }).check({ force: true });
      await page.getByText("no-capacity").waitFor();
    },
  },
  { name: "dataset, hindered", path: "/datasets/diamond-i03-thermolysin", ready: text(/^No picture: /) },
  { name: "dataset, embargoed", path: "/datasets/larmor-14250-steel", ready: text(/Ask Industrial user/) },
  {
    name: "dataset, not there",
    path: "/datasets/nothing",
    ready: text("There is nothing here, or it is not yours"),
  },
  { name: "sessions, live", path: "/sessions", ready: text("Comparison of 2001 and today") },
  { name: "sessions, ended", path: "/sessions?phase=ended", ready: text("Look at chopper.nxs") },
  {
    name: "sessions, none",
    path: "/sessions",
    arrange: ({ world }) => {
      world.sessions = [];
    },
    ready: text("No session is live"),
  },
  {
    name: "sessions, everybody's",
    path: "/sessions?of=everybody",
    arrange: ({ world }) => {
      world.me = admin;
    },
    ready: text("Background of the empty can"),
  },
  { name: "session, starting", ...atSession(2, starting), ready: text("Jupyter answers") },
  { name: "session, waiting for a place", ...atSession(3, queued), ready: text("The partition is full") },
  { name: "session, running", ...atSession(1, running), ready: text("Begin with") },
  { name: "session, failed", ...atSession(4, failed), ready: text("It failed at the stage: Starting") },
  { name: "session, stopped", ...atSession(5, stopped), ready: text("Its time was up.") },
  { name: "session, contact lost", ...atSession(6, lost), ready: text(/local cannot be asked since/) },
  { name: "session, ends soon", ...atSession(7, expiring), ready: text(/This session ends in/) },
  {
    name: "session, stop",
    ...atSession(1, running),
    ready: click("button", "Stop"),
    further: text("Kept:"),
  },
  {
    name: "session, share",
    ...atSession(1, running),
    ready: async (page) => {
      await click("button", "More")(page);
      await click("menuitem", "Share")(page);
    },
    further: text("A member acts as you inside"),
  },
  {
    name: "session, menu",
    ...atSession(1, running),
    ready: click("button", "More"),
    further: (page) => page.getByRole("menuitem", { name: "Rename" }).waitFor(),
  },
  {
    name: "session, extend",
    ...atSession(1, running),
    ready: async (page) => {
      await click("button", "More")(page);
      await click("menuitem", "Extend")(page);
    },
    further: text("Let it run, from now on,"),
  },
  {
    name: "session, opening",
    path: `/sessions/${idOf(2)}/open`,
    arrange: atSession(2, starting).arrange,
    ready: text("It is still starting"),
  },
  { name: "session, batch", ...atSession(9, batch), ready: text("Attempt") },
  {
    name: "session, array",
    path: `/sessions/${idOf(40)}`,
    arrange: ({ world }) => {
      world.sessions = array();
      world.log = "cell 1 of 12\ncell 2 of 12\n";
    },
    ready: text("6 sessions asked for together"),
    further: text("2 running"),
  },
  {
    name: "sessions, array",
    path: "/sessions",
    arrange: ({ world }) => {
      world.sessions = [...array(), ...world.sessions];
    },
    ready: click("button", "Show all"),
    further: text("lrmecs-3703-mgb2"),
  },
  {
    name: "run a notebook on one dataset",
    path: "/run?dataset=lrmecs-3701-mgb2-8k",
    ready: text("Step in Q (1/angstrom)"),
  },
  {
    name: "run a notebook on several datasets",
    path: "/run?proposal=ipns-2001-mgb2",
    arrange: ({ world }) => moreRuns(world),
    ready: text("Step in Q (1/angstrom)"),
    further: click("button", "All"),
  },
  {
    name: "run a notebook, refused",
    path: "/run?dataset=lrmecs-3701-mgb2-8k",
    arrange: (portal) =>
      portal.answer("startSession", () => {
        throw new Refusal(
          422,
          "session-limit",
          "You have as many sessions as you may have",
          "50 batch sessions",
        );
      }),
    ready: click("button", "Run it"),
    further: text("session-limit"),
  },
  { name: "run a notebook, no data", path: "/run", ready: text("No data are named") },
  {
    name: "run a notebook, nothing",
    path: "/run?proposal=aps-2018-series",
    ready: text(/nothing here to run/),
  },
  {
    name: "notices",
    path: "/notices",
    arrange: ({ world }) => {
      world.notices = notices();
    },
    ready: text("The session used more memory"),
  },
  { name: "notices, none", path: "/notices", ready: text("No notices") },
  { name: "environments", path: "/environments", ready: text("scippneutron") },
  {
    name: "tokens",
    path: "/tokens",
    arrange: ({ world }) => {
      const made = { createdAt: "2026-11-01T10:00:00Z", expiresAt: "2030-01-01T00:00:00Z", lastUsedAt: null };
      world.tokens = [{ id: "t1", name: "Beamline script", scopes: ["read", "sessions"], ...made }];
    },
    ready: text("Beamline script"),
  },
  { name: "tokens, none", path: "/tokens", ready: text("You have no access token") },
  {
    name: "tokens, make",
    path: "/tokens",
    ready: click("button", "Make a token"),
    further: text("What it may do"),
  },
  {
    name: "compute providers",
    path: "/providers",
    arrange: ({ world }) => {
      const jupyter = { kinds: ["jupyter"], configured: true, drained: null, outageSince: null };
      world.providers = [
        { ...jupyter, name: "local", isolation: "sandbox", liveSessions: 3 },
        {
          ...jupyter,
          name: "kubernetes",
          isolation: "container",
          liveSessions: 1,
          drained: { by: "operator", at: "2026-11-01T10:00:00Z" },
        },
        {
          ...jupyter,
          name: "slurm",
          isolation: "user",
          liveSessions: 12,
          outageSince: "2026-11-01T10:00:00Z",
        },
        { ...jupyter, name: "old-cluster", configured: false, kinds: [], isolation: null, liveSessions: 2 },
      ];
    },
    ready: text("Not configured any more"),
  },
  { name: "device", path: "/device", ready: text("Code that the command line shows") },
  { name: "about", path: "/about", ready: text("bubblewrap does not answer") },
  { name: "nothing here", path: "/no/such/page", ready: text("There is no page at this address") },
];
