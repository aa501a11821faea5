import { Refusal } from "../portal/calls.ts";
import { idOf, running } from "../portal/fixtures/sessions.ts";
import { audit, links, present, requestToMe, shares } from "../portal/fixtures/sharing.ts";
import { atSession, click, never, type Place, refuse, text } from "./place.ts";

const forPeers = () => {
  throw new Refusal(403, "not-allowed", "You may see this but not do that", "a session of member");
};

/** What people see of others in a session, in its states. */
export const sharingPlaces: readonly Place[] = [
  {
    name: "session, share with links",
    path: `/sessions/${idOf(1)}`,
    arrange: (portal) => {
      atSession(1, running).arrange(portal);
      portal.world.shares.set(idOf(1), shares());
      portal.world.links = links();
    },
    ready: async (page) => {
      await click("button", "More")(page);
      await click("menuitem", "Share")(page);
    },
    further: async (page) => {
      await click("button", "Make a link")(page);
      await page
        .getByRole("button", { name: /^Revoke the link/ })
        .nth(1)
        .click();
      await text("Also let out the one who came by it")(page);
      await text("Copy it now: it is shown this once")(page);
    },
  },
  {
    name: "session, share refused",
    path: `/sessions/${idOf(1)}`,
    arrange: (portal) => {
      atSession(1, running).arrange(portal);
      portal.answer("listLinks", refuse);
      portal.answer("listShares", never);
    },
    ready: async (page) => {
      await click("button", "More")(page);
      await click("menuitem", "Share")(page);
    },
    further: text("A part of the portal is down"),
  },
  {
    name: "session, shared",
    path: `/sessions/${idOf(1)}`,
    arrange: (portal) => {
      atSession(1, running).arrange(portal);
      portal.world.present = present();
      portal.world.audit = audit();
      portal.world.requests = [requestToMe()];
    },
    ready: (page) =>
      page.getByRole("region", { name: "Record" }).getByRole("button", { name: "Show" }).click(),
    further: async (page) => {
      await text("I would try the other binning.")(page);
      await text("ticket 42")(page);
      await text("Viewer, since")(page);
    },
  },
  {
    name: "session, ask to join",
    path: `/sessions/${idOf(8)}`,
    arrange: (portal) => portal.answer("getSession", forPeers),
    ready: text("Its owner can let you in."),
  },
  {
    name: "session, asked and refused",
    path: `/sessions/${idOf(8)}`,
    arrange: (portal) => {
      portal.answer("getSession", forPeers);
      portal.world.requests = [
        requestToMe({
          session: { id: idOf(8), name: "" },
          owner: "member",
          account: "pi",
          state: "declined",
        }),
      ];
      portal.answer("askToJoin", () => {
        throw new Refusal(429, "too-many-requests", "Too many requests", "you have asked often enough");
      });
    },
    ready: click("button", "Ask to join"),
    further: text("you have asked often enough"),
  },
  {
    name: "session, waits for an answer",
    path: `/sessions/${idOf(8)}`,
    arrange: (portal) => {
      portal.answer("getSession", forPeers);
      portal.world.requests = [
        requestToMe({ session: { id: idOf(8), name: "" }, owner: "member", account: "pi" }),
      ];
    },
    ready: text("You have asked to be let in"),
  },
  {
    name: "session, as a viewer",
    ...atSession(1, (number) => ({ ...running(number), myAccess: "viewer" })),
    ready: click("button", "Ask for the keyboard"),
    further: text("Why (her owner reads it)"),
  },
  { name: "join", path: "/join#good", ready: text("You join it as") },
  {
    name: "join, refused",
    path: "/join#old",
    ready: click("button", "Join"),
    further: text("its time is over"),
  },
  { name: "join, not whole", path: "/join", ready: text("This is not a whole link") },
];
