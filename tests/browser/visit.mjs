// Visits the product page of a service as the client and prints what it shows, as JSON:
//   node visit.mjs URL EMAIL PASSWORD SERVICE SCREENSHOT
import { launch, login, openPage, openService, shown } from './src/browser.mjs';

const [url, email, password, service, screenshot] = process.argv.slice(2);
const browser = await launch();
try {
  const { page, seen } = await openPage(browser, { width: 1280, height: 900 });
  await login(page, url, email, password);
  await openService(page, url, service);
  const masked = await shown(page);
  await page.screenshot({ path: screenshot, fullPage: true });
  for (const button of await page.locator('.mikrotikvpn [data-mikrotikvpn-reveal]').all()) {
    await button.click();
  }
  const revealed = await shown(page);
  console.log(JSON.stringify({ ...masked, revealed: revealed.values, ...seen }));
} finally {
  await browser.close();
}
