import { useEffect, useState } from "react";
import { addressOf, datasetAddress, loginAddress, type Place, placeIn } from "./address.ts";
import { FileView } from "./FileView.tsx";
import { type Dataset, datasetOf, Refused, viewable } from "./portal.ts";
import { words } from "./words.ts";

/** The page in its states: it loads, it is refused, the portal is away, a file is to be chosen, a file is shown. */
export function ViewerPage() {
  const [place, setPlace] = useState<Place>(() => placeIn(location));
  const [tries, setTries] = useState(0);
  const found = useDataset(place.dataset, tries);
  useEffect(() => {
    const follow = () => setPlace(placeIn(location));
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  if (found === null) return <Message title={words.loading} isBusy />;
  if (found instanceof Error)
    return <Failure error={found} retry={() => setTries(tries + 1)} dataset={place.dataset} />;
  const files = viewable(found.files);
  const chosen = place.file ?? (files.length === 1 ? (files[0]?.path ?? null) : null);
  if (chosen === null) return <Choice dataset={found} />;
  if (!found.files.some(({ path }) => path === chosen))
    return <Message title={words.noSuchFile(chosen)} dataset={place.dataset} />;
  return <FileView key={chosen} dataset={found} place={{ ...place, file: chosen }} />;
}

/** Null while it is asked for. */
function useDataset(id: string, tries: number): Dataset | Error | null {
  const [found, setFound] = useState<Dataset | Error | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again
  useEffect(() => {
    const gone = new AbortController();
    setFound(null);
    datasetOf(id, gone.signal).then(setFound, (error: Error) => {
      if (!gone.signal.aborted) setFound(error);
    });
    return () => gone.abort();
  }, [id, tries]);
  const isLoggedOut = found instanceof Refused && found.status === 401;
  useEffect(() => {
    if (isLoggedOut) location.replace(loginAddress());
  }, [isLoggedOut]);
  return isLoggedOut ? null : found;
}

function Failure({ error, retry, dataset }: { error: Error; retry: () => void; dataset: string }) {
  if (error instanceof Refused)
    return (
      <Message title={words.refused} dataset={error.status === 404 ? null : dataset}>
        <p>{error.message}</p>
        <p>{error.next}</p>
      </Message>
    );
  return (
    <Message title={words.failed} dataset={dataset}>
      <p>{words.failedNext}</p>
      <button type="button" className="button" onClick={retry}>
        {words.tryAgain}
      </button>
    </Message>
  );
}

function Choice({ dataset }: { dataset: Dataset }) {
  const files = viewable(dataset.files);
  if (files.length === 0)
    return (
      <Message title={words.noFiles} dataset={dataset.id}>
        <p>{words.noFilesNext}</p>
      </Message>
    );
  return (
    <Message title={words.chooseFile} dataset={dataset.id}>
      <ul>
        {files.map(({ path }) => (
          <li key={path}>
            <a href={addressOf({ dataset: dataset.id, file: path, path: "/" })}>{path}</a>
          </li>
        ))}
      </ul>
    </Message>
  );
}

interface MessageProps {
  readonly title: string;
  readonly isBusy?: boolean;
  /** Where the way back leads; all datasets when there is none. */
  readonly dataset?: string | null;
  readonly children?: React.ReactNode;
}

function Message({ title, isBusy = false, dataset = null, children }: MessageProps) {
  useEffect(() => {
    document.title = words.title(title);
  }, [title]);
  return (
    <main className="message" aria-busy={isBusy}>
      <h1>{title}</h1>
      {children}
      {!isBusy && (
        <p>
          <a href={dataset === null ? "/datasets" : datasetAddress(dataset)}>
            {dataset === null ? words.allDatasets : words.back}
          </a>
        </p>
      )}
    </main>
  );
}
