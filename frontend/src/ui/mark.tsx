/** The mark: a cell whose membrane is a loop, closed by the next, smaller one. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} fill="none" aria-hidden>
      <path d="M24.6 8.1A11.5 11.5 0 1 0 27.2 18.4" stroke="var(--cyto-accent)" strokeWidth={3.4} strokeLinecap="round" />
      <circle cx={27.1} cy={12.6} r={2.6} fill="#e69f00" />
      <circle cx={14.2} cy={17.6} r={4.4} fill="var(--cyto-accent)" />
    </svg>
  );
}
