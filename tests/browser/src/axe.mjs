// The automated accessibility check.
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What axe-core finds serious or critical in the module's part of the page as it is, a line for each element. What
 * is around it is the theme's: WHMCS's own have such findings. `part` is a selector or a context of axe-core.
 */
export async function barriers(page, part = '.mikrotikvpn') {
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.addScriptTag({ path: AXE });
  }
  const { violations } = await page.evaluate((part) => window.axe.run(part, { resultTypes: ['violations'] }), part);
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}
