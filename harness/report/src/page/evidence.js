// Evidence is listed when a reader asks for it.
report.parts.push(() => {
  const words = new Set(['role', 'quantity', 'against', 'messages', 'read', 'says']);
  // The numbers of both sides lead to their curves.
  const [subject, rival] = ['subject', 'rival'].map((name) => report.data.columns.indexOf(name));
  const at = (row) => Object.fromEntries(report.data.columns.map((name, i) => [name, row[i]]));
  const linked = (run) => (row) => {
    const { quantity, messages, read, N, M, load, 'd/N': noise } = at(row);
    const known = report.data.runs.find((one) => one.name === run)?.explorer.measures.some((m) => m.name === quantity);
    if (!known) return row;
    const wanted = { run, measure: quantity, source: messages, n: N, ...(read && { dynamics: read }), ...(noise && { noise: String(+Number(noise).toFixed(2)) }) };
    const href = report.place(M || !load ? { ...wanted, x: 'load' } : wanted);
    return row.map((cell, i) => ((i === subject || i === rival) && cell ? report.element('a', { href }, cell) : cell));
  };
  for (const { anchor, rows } of report.data.evidence) {
    const details = document.getElementById(anchor);
    const place = document.querySelector(`[data-evidence="${anchor}"]`);
    if (!details || !place) continue;
    const fill = () => {
      if (!details.open || place.dataset.filled) return;
      place.dataset.filled = 'yes';
      const { columns } = report.data;
      const table = report.table(`Comparisons of ${place.dataset.label}`, columns, rows.map(linked(place.dataset.run)), (i) => !words.has(columns[i]));
      place.className = 'scroll';
      place.tabIndex = 0;
      place.setAttribute('role', 'region');
      place.setAttribute('aria-label', `Comparisons of ${place.dataset.label}`);
      place.replaceChildren(table);
    };
    details.addEventListener('toggle', fill);
    fill();
  }
});
