{* Traffic history: what was added to and taken from the traffic, in finished words (lib/TrafficPages.php). *}
{assign var=vpn value=$mikrotikvpn}
{assign var=assets value="`$WEB_ROOT|default:'.'`/modules/servers/mikrotikvpn/assets"}
<link rel="stylesheet" href="{$assets|escape}/client.css?v={$vpn.version|escape}">
<link rel="stylesheet" href="{$assets|escape}/statistics.css?v={$vpn.version|escape}">
<div class="mikrotikvpn" lang="{$vpn.language|escape}" dir="{$vpn.direction|escape}" data-mikrotikvpn-state="{$vpn.state|escape}">
    <h2 class="mikrotikvpn-page">{$vpn.text.history_title|escape}</h2>
{if $vpn.sentence}
    <p class="mikrotikvpn-note{if $vpn.state eq 'failed'} mikrotikvpn-bad{/if}" role="status">{$vpn.sentence|escape}</p>
{else}
    <p class="mikrotikvpn-intro">{$vpn.text.history_intro|escape}</p>
    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-entries">
        <h3 id="mikrotikvpn-entries">{$vpn.balance|escape}</h3>
        {if $vpn.entries}
        <div class="mikrotikvpn-scroll" tabindex="0" role="region" aria-labelledby="mikrotikvpn-entries">
            <table class="mikrotikvpn-table">
                <thead>
                    <tr><th scope="col">{$vpn.text.history_date|escape}</th><th scope="col" class="mikrotikvpn-words">{$vpn.text.history_what|escape}</th><th scope="col">{$vpn.text.history_amount|escape}</th></tr>
                </thead>
                <tbody>
                {foreach from=$vpn.entries item=entry}
                    <tr><th scope="row"><time datetime="{$entry.iso|escape}">{$entry.date|escape}</time></th><td class="mikrotikvpn-words" data-mikrotikvpn-kind="{$entry.kind|escape}">{$entry.what|escape}</td><td data-bytes="{$entry.bytes|escape}">{$entry.amount|escape}</td></tr>
                {/foreach}
                </tbody>
            </table>
        </div>
        {if $vpn.sheet.range}
        {assign var=here value="`$WEB_ROOT|default:'.'`/clientarea.php?action=productdetails&id=`$vpn.service`&mikrotikvpn=history&`$vpn.sheet.parameter`="}
        <nav class="mikrotikvpn-sheets" aria-label="{$vpn.sheet.range|escape}">
            {if $vpn.sheet.newer}<a class="mikrotikvpn-button" rel="prev" href="{$here|escape}{$vpn.sheet.newer|escape}">{$vpn.text.history_newer|escape}</a>{/if}
            <span class="mikrotikvpn-muted" data-mikrotikvpn-value="range">{$vpn.sheet.range|escape}</span>
            {if $vpn.sheet.older}<a class="mikrotikvpn-button" rel="next" href="{$here|escape}{$vpn.sheet.older|escape}">{$vpn.text.history_older|escape}</a>{/if}
        </nav>
        {/if}
        {else}
        <p>{$vpn.text.history_none|escape}</p>
        {/if}
    </section>
    <p class="mikrotikvpn-small">{$vpn.text.stats_note|escape}</p>
{/if}
</div>
