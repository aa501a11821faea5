import { type CancelSignal, Rejected, Unavailable } from "@endstation/core";

/** Rejects as soon as the signal is raised; what was begun is idempotent and may go on. Throws nothing but the port's errors. */
export async function unlessCalledOff<T>(signal: CancelSignal, begin: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new Unavailable("called off");
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Unavailable("called off"));
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([begin(), promise]);
  } catch (error) {
    throw ofThePort(error);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A full disk will not get better by asking again; anything else that was not foreseen may. */
function ofThePort(error: unknown): Unavailable | Rejected {
  if (error instanceof Unavailable || error instanceof Rejected) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new Rejected("disk-full", "starting a session");
  return new Unavailable(message, { cause: error });
}
