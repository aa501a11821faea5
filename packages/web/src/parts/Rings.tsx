const radii = [7, 12, 16, 21, 25, 31, 36] as const;

/** Rings of a powder pattern: the house's ornament. */
export function Rings({ className }: { className: string }) {
  return (
    <svg aria-hidden viewBox="0 0 80 44" className={className} fill="none" stroke="currentColor">
      {radii.map((radius, index) => (
        <path
          key={radius}
          d={`M${40 - radius} 40a${radius} ${radius} 0 0 1 ${radius * 2} 0`}
          strokeWidth={[2.4, 1, 1.6, 0.8, 2, 0.8, 1.2][index]}
        />
      ))}
      <circle cx="40" cy="40" r="2.6" fill="currentColor" stroke="none" />
    </svg>
  );
}
