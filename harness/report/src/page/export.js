// What a chart shows leaves the page as SVG, PNG or CSV.
{
  const LOOKS = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'opacity', 'font-size', 'font-family'];

  // An SVG that stands alone: the styles of the page are written into its elements.
  const alone = (svg) => {
    const copy = svg.cloneNode(true);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    if (svg.closest('.paper')) return copy;
    const copies = [...copy.querySelectorAll('*')];
    [...svg.querySelectorAll('*')].forEach((one, i) => {
      const style = getComputedStyle(one);
      for (const look of LOOKS) copies[i].style.setProperty(look, style.getPropertyValue(look));
    });
    const [, , width, height] = svg.getAttribute('viewBox').split(' ');
    copy.setAttribute('width', width);
    copy.setAttribute('height', height);
    const ground = getComputedStyle(document.body).backgroundColor;
    copy.prepend(report.svg('rect', { width, height, fill: ground }));
    return copy;
  };
  const text = (svg) => new XMLSerializer().serializeToString(alone(svg));

  const save = (content, name) => {
    const address = URL.createObjectURL(content);
    const link = report.element('a', { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };

  // Three dots to a CSS pixel: enough for print.
  const picture = async (svg) => {
    const image = new Image();
    const { width, height } = svg.viewBox.baseVal;
    const scale = 3 * Math.max(1, svg.closest('.paper') ? 1000 / width : 1);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text(svg))}`;
    await image.decode();
    const canvas = report.element('canvas', { width: Math.round(width * scale), height: Math.round(height * scale) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => { canvas.toBlob(resolve, 'image/png'); });
  };

  // A figure that is small on a narrow screen, at its full size.
  const enlarge = (svg, name) => {
    const close = report.element('button', { type: 'button' }, 'Close');
    const paper = report.element('div', { tabindex: '0', role: 'region', 'aria-label': name }, svg.cloneNode(true));
    const dialog = report.element('dialog', { 'aria-label': `${name} enlarged` }, close, paper);
    close.addEventListener('click', () => dialog.close());
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  };

  // Buttons into `row`; `of` gives the SVG element and the numbers when they are asked for.
  report.exports = (row, of) => {
    const name = row.dataset.name;
    const button = (kind, act) => {
      const made = report.element('button', { type: 'button', 'aria-label': kind === 'Enlarge' ? `Enlarge ${name}` : `${kind} of ${name}` }, kind);
      made.addEventListener('click', act);
      return made;
    };
    row.replaceChildren(
      button('SVG', () => save(new Blob([text(of.svg())], { type: 'image/svg+xml' }), `${name}.svg`)),
      button('PNG', async () => save(await picture(of.svg()), `${name}.png`)),
      button('CSV', () => save(new Blob([of.csv()], { type: 'text/csv' }), `${name}.csv`)),
      ...(row.closest('.drawn') ? [button('Enlarge', () => enlarge(of.svg(), name))] : []));
  };

  // Rows of texts and numbers as CSV; what a spreadsheet would run as a formula begins with an apostrophe.
  report.csv = (rows) => rows.map((row) => row.map((cell) => {
    const plain = cell === null || cell === undefined ? '' : String(cell);
    const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }).join(',')).join('\n') + '\n';
}
