/** The names under which answers are remembered: a hint makes those below its prefix old. */
export const keys = {
  me: ["me"],
  proposals: ["proposals"],
  datasets: ["datasets"],
  environments: ["environments"],
  plans: ["plans"],
  sessions: ["sessions"],
  sessionLists: ["sessions", "list"],
  session: (id: string) => ["sessions", "one", id],
  sessionLog: (id: string) => ["sessions", "log", id],
  shares: (id: string) => ["sessions", "shares", id],
  tokens: ["tokens"],
  providers: ["providers"],
  usage: ["usage"],
  notices: ["notices"],
  status: ["status"],
} as const;
