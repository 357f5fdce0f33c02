// Where the page is served: how far runs are, and a reload when there is something new.
report.parts.push(() => {
  if (!report.data.served) return;
  const section = document.getElementById('live');
  const place = document.getElementById('live-runs');
  const AFTER = 2000;
  // A page that has just been loaded is read for a while, whatever happens meanwhile.
  const REST = 8000;
  const loaded = Date.now();

  const one = ({ name, due, ok, failed, statuses }) => {
    const share = due ? (100 * (ok + failed)) / due : 0;
    const words = `${name}: ${ok + failed} of ${due} cells (${share.toFixed(0)} %)${failed ? `, failed: ${statuses}` : ''}`;
    return report.element('p', {}, words, report.element('br'),
      report.element('progress', { class: 'gauge', max: '100', value: String(share), 'aria-label': `${name} done` }));
  };
  const ask = async () => {
    try {
      const answer = await (await fetch('status')).json();
      const unfinished = answer.runs.filter((run) => run.ok + run.failed < run.due);
      section.hidden = unfinished.length === 0;
      place.replaceChildren(...unfinished.map(one));
      if (answer.state !== report.data.served && Date.now() - loaded > REST && !report.playing?.()) {
        // The new page is made ready first; one that cannot be made leaves this one where it is.
        if ((await fetch('./', { method: 'HEAD' })).ok) return location.reload();
      }
    } catch {
      section.hidden = false;
      place.replaceChildren(report.element('p', {}, 'The server does not answer; this is the page as it was.'));
    }
    setTimeout(ask, AFTER);
  };
  ask();
});
