// Sortable tables.
{
  // What a cell sorts by: its first number, with what is beyond the grid at the ends, or its text.
  const key = (cell) => {
    const text = cell.textContent.trim();
    if (text.startsWith('above')) return Infinity;
    if (text.startsWith('below')) return -Infinity;
    const number = parseFloat(text.replace(/^[[<]/, '').replace('−', '-'));
    return Number.isNaN(number) || !cell.classList.contains('number') ? text : number;
  };
  const compare = (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return a.localeCompare(b, 'en', { numeric: true });
  };
  const sort = (table, head, column) => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
    rows.sort((a, b) => (down ? compare(b[0], a[0]) : compare(a[0], b[0])));
    body.append(...rows.map(([, row]) => row));
  };
  // Where a screen is narrow a row stands below the other, and each cell says what it is.
  report.labelled = (table) => {
    const heads = [...table.tHead.rows[0].cells].map((head) => head.textContent);
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, i) => { cell.dataset.label = heads[i]; });
    }
  };
  report.sortable = (table) => {
    report.labelled(table);
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.dataset.fixed) return;
      const button = report.element('button', { type: 'button' }, head.textContent);
      button.addEventListener('click', () => sort(table, head, column));
      head.replaceChildren(button);
    });
  };
  document.querySelectorAll('table.sortable').forEach(report.sortable);

  // A table of texts; `numeric` says which columns hold numbers. Columns that no row fills are left out.
  report.table = (caption, columns, rows, numeric) => {
    const filled = columns.map((_, i) => rows.some((row) => row[i] !== ''));
    const of = (row, make) => row.flatMap((cell, i) => (filled[i] ? [make(cell, i)] : []));
    const look = (i) => (numeric(i) ? { class: 'number' } : {});
    const head = of(columns, (name, i) => report.element('th', { scope: 'col', ...look(i) }, name));
    const body = rows.map((row) => report.element('tr', {}, ...of(row, (cell, i) => report.element('td', look(i), cell))));
    const table = report.element('table', {},
      report.element('caption', { class: 'hidden' }, caption),
      report.element('thead', {}, report.element('tr', {}, ...head)),
      report.element('tbody', {}, ...body));
    report.sortable(table);
    return table;
  };
}
