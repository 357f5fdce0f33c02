// The page begins with what is on its first screen; the rest follows while it is read.
(async () => {
  const rest = () => new Promise((resolve) => { setTimeout(resolve, 0); });
  report.data.stage = await report.unpack('stage');
  report.memory();
  document.documentElement.dataset.first = 'yes';
  await rest();
  Object.assign(report.data, await report.unpack('data'));
  for (const part of report.parts) {
    await rest();
    part();
  }
  for (const place of document.querySelectorAll('[data-pack]')) {
    await rest();
    const { html, csv } = await report.unpack(place.dataset.pack);
    place.innerHTML = html;
    place.querySelectorAll('table.sortable').forEach(report.sortable);
    place.querySelectorAll('.exports').forEach((row) => report.exports(row, {
      svg: () => document.getElementById(row.dataset.of)?.querySelector('.paper > svg'),
      csv: () => csv[row.dataset.of] ?? '',
    }));
  }
  const first = document.querySelector('#picture .exports');
  if (first) {
    report.exports(first, {
      svg: () => document.querySelector('#picture > svg'),
      csv: () => report.csv([['protocol', 'value', 'interval'], ...[...document.querySelectorAll('#picture title')].map((title) => title.textContent.match(/^(.*): (\S+|\w+ the grid) (\[.*\])$/).slice(1))]),
    });
  }
  if (!report.found) report.goTo();
  document.documentElement.dataset.ready = 'yes';
})();
