{* Traffic statistics: two tables of finished words (lib/TrafficPages.php), which assets/statistics.js draws as charts. *}
{assign var=vpn value=$mikrotikvpn}
{assign var=assets value="`$WEB_ROOT|default:'.'`/modules/servers/mikrotikvpn/assets"}
<link rel="stylesheet" href="{$assets|escape}/client.css?v={$vpn.version|escape}">
<link rel="stylesheet" href="{$assets|escape}/statistics.css?v={$vpn.version|escape}">
<script src="{$assets|escape}/statistics.js?v={$vpn.version|escape}" defer></script>
<div class="mikrotikvpn" lang="{$vpn.language|escape}" dir="{$vpn.direction|escape}" data-mikrotikvpn-state="{$vpn.state|escape}">
    <h2 class="mikrotikvpn-page">{$vpn.text.stats_title|escape}</h2>
{if $vpn.sentence}
    <p class="mikrotikvpn-note{if $vpn.state eq 'failed'} mikrotikvpn-bad{/if}" role="status">{$vpn.sentence|escape}</p>
{else}
    <p class="mikrotikvpn-intro">{$vpn.intro|escape}{if $vpn.updated} {$vpn.updated|escape}{/if}</p>
    {foreach from=$vpn.tables item=table}
    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-{$table.key}">
        <h3 id="mikrotikvpn-{$table.key}">{$table.title|escape}</h3>
        <dl class="mikrotikvpn-facts">
            <div><dt><span aria-hidden="true">↓</span> {$vpn.text.stats_download|escape}</dt><dd data-mikrotikvpn-value="{$table.key}-download">{$table.sum.download|escape}</dd></div>
            <div><dt><span aria-hidden="true">↑</span> {$vpn.text.stats_upload|escape}</dt><dd data-mikrotikvpn-value="{$table.key}-upload">{$table.sum.upload|escape}</dd></div>
            <div><dt>{$vpn.text.stats_total|escape}</dt><dd data-mikrotikvpn-value="{$table.key}-total">{$table.sum.total|escape}</dd></div>
        </dl>
        <div class="mikrotikvpn-chart" role="img" aria-label="{$table.chart|escape}" hidden data-mikrotikvpn-chart="mikrotikvpn-{$table.key}-table" data-mikrotikvpn-dates="{$table.key}" data-mikrotikvpn-unit="{$vpn.unit|escape}" data-mikrotikvpn-wanted="{$vpn.engine|escape}" data-mikrotikvpn-chartjs="{$assets|escape}/chart.umd.min.js?v={$vpn.version|escape}"></div>
        <details class="mikrotikvpn-details" open>
            <summary>{$vpn.text.stats_table|escape}</summary>
            <div class="mikrotikvpn-scroll" tabindex="0" role="region" aria-labelledby="mikrotikvpn-{$table.key}">
                <table class="mikrotikvpn-table" id="mikrotikvpn-{$table.key}-table">
                    <thead>
                        <tr><th scope="col">{$table.column|escape}</th><th scope="col">{$vpn.text.stats_download|escape}</th><th scope="col">{$vpn.text.stats_upload|escape}</th><th scope="col">{$vpn.text.stats_total|escape}</th></tr>
                    </thead>
                    <tbody>
                    {foreach from=$table.rows item=row}
                        <tr><th scope="row"><time datetime="{$row.date|escape}">{$row.label|escape}</time></th><td data-bytes="{$row.download_bytes|escape}">{$row.download|escape}</td><td data-bytes="{$row.upload_bytes|escape}">{$row.upload|escape}</td><td data-bytes="{$row.total_bytes|escape}">{$row.total|escape}</td></tr>
                    {/foreach}
                    </tbody>
                    <tfoot>
                        <tr><th scope="row">{$vpn.text.stats_total|escape}</th><td>{$table.sum.download|escape}</td><td>{$table.sum.upload|escape}</td><td>{$table.sum.total|escape}</td></tr>
                    </tfoot>
                </table>
            </div>
        </details>
        <p class="mikrotikvpn-file"><a class="mikrotikvpn-button" href="{$WEB_ROOT|default:'.'|escape}/clientarea.php?action=productdetails&amp;id={$vpn.service|escape}&amp;mikrotikvpn={$table.key}.csv" download>{$table.csv|escape}</a></p>
    </section>
    {/foreach}
    <p class="mikrotikvpn-small">{$vpn.text.stats_note|escape}</p>
{/if}
</div>
