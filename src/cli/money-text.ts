/** US dollars with so many digits that count, three by default, never as a power of ten. */
export function moneyText(usd: number, precision = 3): string {
  return `$${digits(usd, precision)}`;
}

function digits(usd: number, precision: number): string {
  if (usd === 0) return "0";
  const decimals = Math.min(20, Math.max(2, precision - 1 - Math.floor(Math.log10(usd))));
  return usd
    .toFixed(decimals)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}
