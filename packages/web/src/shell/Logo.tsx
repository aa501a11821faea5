/** Rings of scattering seen from the sample. */
export function Logo() {
  return (
    <svg aria-hidden viewBox="0 0 32 32" width="28" height="28" fill="none">
      <g stroke="var(--es-accent)" strokeWidth="2.6" strokeLinecap="round">
        <path d="M10 11a8.5 8.5 0 0 1 0 10" />
        <path d="M15.5 7a14 14 0 0 1 0 18" />
        <path d="M21 3.5a19 19 0 0 1 0 25" />
      </g>
      <circle cx="5.5" cy="16" r="2.8" fill="#e09a25" />
    </svg>
  );
}
