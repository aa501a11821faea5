import { App, H5GroveProvider } from "@h5web/app";
import { useEffect, useRef, useState } from "react";
import { addressOf, analyseAddress, callsAddress, datasetAddress, type Place } from "./address.ts";
import { type Dataset, viewable } from "./portal.ts";
import { useShownPath } from "./useShownPath.ts";
import { words } from "./words.ts";

/** H5Web on one file, with where it belongs above it, and what hinders it. */
export function FileView({ dataset, place }: { dataset: Dataset; place: Place & { readonly file: string } }) {
  const { file } = place;
  const [loads, setLoads] = useState(0);
  const frame = useRef<HTMLElement>(null);
  const path = useShownPath(frame, place.path);
  useEffect(() => {
    document.title = words.title(file);
    history.replaceState(null, "", addressOf({ ...place, path }));
  }, [place, file, path]);
  return (
    <div className="viewer">
      <header className="head">
        <a href={datasetAddress(dataset.id)}>{words.back}</a>
        <h1>{dataset.title}</h1>
        <Files dataset={dataset} file={file} />
        <button type="button" className="button" onClick={() => setLoads(loads + 1)}>
          {words.again}
        </button>
        <a className="button main" href={analyseAddress({ ...place, path })}>
          {words.analyse}
        </a>
      </header>
      <Hindrances dataset={dataset} file={file} />
      <main ref={frame} className="h5web" aria-label={words.view(file)}>
        <H5GroveProvider key={loads} url={callsAddress(dataset.id)} filepath={file}>
          <App initialPath={path} disableDarkMode sidebarOpen={innerWidth > 700} />
        </H5GroveProvider>
      </main>
    </div>
  );
}

function Files({ dataset, file }: { dataset: Dataset; file: string }) {
  const files = viewable(dataset.files);
  const all = files.some(({ path }) => path === file) ? files : [{ path: file }, ...files];
  if (all.length === 1) return <span className="file">{file}</span>;
  const go = (path: string) => location.assign(addressOf({ dataset: dataset.id, file: path, path: "/" }));
  return (
    <label className="file">
      {words.file}{" "}
      <select value={file} onChange={(event) => go(event.currentTarget.value)}>
        {all.map(({ path }) => (
          <option key={path}>{path}</option>
        ))}
      </select>
    </label>
  );
}

/** What is known to be missing: links that lead to files which are not here, and the like. */
function Hindrances({ dataset, file }: { dataset: Dataset; file: string }) {
  const own = dataset.files.find(({ path }) => path === file)?.problem ?? null;
  const isOnly = viewable(dataset.files).length === 1;
  const problems = dataset.problems.filter((problem) => isOnly || problem.includes(file));
  const all = [...new Set([...(own === null ? [] : [own]), ...problems])];
  if (all.length === 0) return null;
  return (
    <section className="notice" aria-label={words.hindrances}>
      <strong>{words.hindrances}</strong>
      <ul>
        {all.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
      <p>{words.hindrancesNext}</p>
    </section>
  );
}
