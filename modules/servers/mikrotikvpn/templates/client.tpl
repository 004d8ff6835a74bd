{* The page "Information". Values come finished under $mikrotikvpn, words under $text (lib/InformationPage.php);
   every one is escaped here, except the admin's own HTML per protocol. Plain markup that Bootstrap 3 and 4 leave
   alone. Each shown value carries data-mikrotikvpn-value, the name by which tests and assets/live.js find it. *}
{assign var=vpn value=$mikrotikvpn}
{assign var=assets value="`$WEB_ROOT|default:'.'`/modules/servers/mikrotikvpn/assets"}
<link rel="stylesheet" href="{$assets|escape}/client.css?v={$vpn.version|escape}">
<script src="{$assets|escape}/client.js?v={$vpn.version|escape}" defer></script>
<script src="{$assets|escape}/live.js?v={$vpn.version|escape}" defer></script>
<div class="mikrotikvpn" lang="{$vpn.language|escape}" dir="{$vpn.direction|escape}" data-mikrotikvpn-state="{$vpn.state|escape}" data-mikrotikvpn-show="{$text.client_show|escape}" data-mikrotikvpn-hide="{$text.client_hide|escape}" data-mikrotikvpn-copied="{$text.client_copied|escape}" data-mikrotikvpn-press="{$text.client_press_copy|escape}"{if $vpn.state eq 'active' or $vpn.state eq 'unreachable'} data-mikrotikvpn-live="{$WEB_ROOT|default:'.'|escape}/clientarea.php?action=productdetails&amp;id={$vpn.service|escape}&amp;mikrotikvpn=live"{/if}>
{if $vpn.state eq 'failed' or $vpn.state eq 'foreign'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">{$text.client_failed|escape}</p>
{elseif $vpn.state eq 'inactive'}
    <p class="mikrotikvpn-note" role="status">{$vpn.sentence|escape}</p>
{elseif $vpn.state eq 'missing'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">{$vpn.sentence|escape}</p>
{else}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert" data-mikrotikvpn-when="unreachable"{if $vpn.state neq 'unreachable'} hidden{/if}>{$text.client_unreachable|escape}</p>
    {if $vpn.capped}
    <div class="mikrotikvpn-note mikrotikvpn-bad" role="alert">
        <p><strong data-mikrotikvpn-value="capped">{$vpn.capped.happened|escape}</strong></p>
        <p data-mikrotikvpn-value="helps">{$vpn.capped.helps|escape}</p>
    </div>
    {/if}

    {$live = $vpn.live.values}
    <section class="mikrotikvpn-card mikrotikvpn-connection" aria-labelledby="mikrotikvpn-connection" data-mikrotikvpn-connection="{$vpn.live.connection|escape}">
        <h3 id="mikrotikvpn-connection" class="mikrotikvpn-hidden">{$text.client_connection|escape}</h3>
        <p class="mikrotikvpn-status">
            <span class="mikrotikvpn-lamp" aria-hidden="true"></span>
            <strong role="status" data-mikrotikvpn-value="connection">{$live.connection|escape}</strong>
            <span class="mikrotikvpn-muted" data-mikrotikvpn-row{if not $live.since} hidden{/if}><span data-mikrotikvpn-value="since">{$live.since|escape}</span></span>
        </p>
        {if $vpn.manual}
        <a class="mikrotikvpn-button mikrotikvpn-manual" href="{$vpn.manual|escape}" target="_blank" rel="noopener noreferrer">{$text.client_manual|escape}<span class="mikrotikvpn-hidden"> {$text.client_new_tab|escape}</span></a>
        {/if}
        <p class="mikrotikvpn-muted mikrotikvpn-whole" data-mikrotikvpn-row{if not $live['as-of']} hidden{/if}><span data-mikrotikvpn-value="as-of">{$live['as-of']|escape}</span></p>
        <dl class="mikrotikvpn-facts mikrotikvpn-now">
            <div data-mikrotikvpn-row{if not $live['session-download']} hidden{/if}><dt><span aria-hidden="true">↓</span> {$text.client_session_download|escape}</dt><dd data-mikrotikvpn-value="session-download">{$live['session-download']|escape}</dd></div>
            <div data-mikrotikvpn-row{if not $live['session-upload']} hidden{/if}><dt><span aria-hidden="true">↑</span> {$text.client_session_upload|escape}</dt><dd data-mikrotikvpn-value="session-upload">{$live['session-upload']|escape}</dd></div>
        </dl>
        <dl class="mikrotikvpn-facts">
            <div data-mikrotikvpn-row{if not $live['session-protocol']} hidden{/if}><dt>{$text.client_session_protocol|escape}</dt><dd data-mikrotikvpn-value="session-protocol">{$live['session-protocol']|escape}</dd></div>
            <div data-mikrotikvpn-row{if not $live['session-address']} hidden{/if}><dt>{$text.client_session_address|escape}</dt><dd><bdi data-mikrotikvpn-value="session-address">{$live['session-address']|escape}</bdi></dd></div>
            <div data-mikrotikvpn-row{if not $live['session-caller']} hidden{/if}><dt>{$text.client_session_caller|escape}</dt><dd><bdi data-mikrotikvpn-value="session-caller">{$live['session-caller']|escape}</bdi></dd></div>
        </dl>
    </section>

    {function name=mikrotikvpn_field}
            <div>
                <dt>{$field.label|escape}</dt>
                <dd>
                    <code dir="ltr" id="mikrotikvpn-{$field.key|escape}" data-mikrotikvpn-value="{$field.key|escape}"{if $field.secret} data-mikrotikvpn-secret="{$field.value|escape}"{/if}>{if $field.secret}<span role="img" aria-label="{$text.client_hidden|escape}">••••••••</span>{else}{$field.value|escape}{/if}</code>
                </dd>
                <dd class="mikrotikvpn-buttons">
                    {if $field.secret}<button type="button" class="mikrotikvpn-button" data-mikrotikvpn-reveal="mikrotikvpn-{$field.key|escape}" aria-controls="mikrotikvpn-{$field.key|escape}" hidden><span>{$text.client_show|escape}</span><span class="mikrotikvpn-hidden"> {$field.label|escape}</span></button>{/if}
                    <button type="button" class="mikrotikvpn-button" data-mikrotikvpn-copy="mikrotikvpn-{$field.key|escape}" hidden><span>{$text.client_copy|escape}</span><span class="mikrotikvpn-hidden"> {$field.label|escape}</span></button>
                </dd>
            </div>
    {/function}
    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-access">
        <h3 id="mikrotikvpn-access">{$text.client_access|escape}</h3>
        <dl class="mikrotikvpn-fields">
        {foreach from=$vpn.fields item=field}
            {call name=mikrotikvpn_field field=$field text=$text}
        {/foreach}
        {if $vpn.show_password eq 'never'}
            <div>
                <dt>{$text.client_field_password|escape}</dt>
                <dd class="mikrotikvpn-muted mikrotikvpn-rest" data-mikrotikvpn-value="password">{$text.client_password_never|escape}</dd>
            </div>
        {/if}
        </dl>
        <p class="mikrotikvpn-hidden" role="status" data-mikrotikvpn-announce></p>
    </section>

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-protocols">
        <h3 id="mikrotikvpn-protocols">{$text.client_protocols|escape}</h3>
        {foreach from=$vpn.protocols item=protocol}
        <div class="mikrotikvpn-protocol" data-mikrotikvpn-protocol="{$protocol.key|escape}">
            <h4><bdi data-mikrotikvpn-value="protocol-{$protocol.key|escape}">{$protocol.label|escape}</bdi></h4>
            {if $protocol.profile}<a class="mikrotikvpn-button" href="{$protocol.profile|escape}" rel="noopener noreferrer">{$text.client_profile|escape}</a>{/if}
            {if $protocol.key eq 'l2tp' and $vpn.psk}
            <dl class="mikrotikvpn-fields">{call name=mikrotikvpn_field field=$vpn.psk text=$text}</dl>
            {/if}
            {if $protocol.html}<div class="mikrotikvpn-custom">{$protocol.html nofilter}</div>{/if}
        </div>
        {foreachelse}
        <p class="mikrotikvpn-muted">{$text.client_no_protocol|escape}</p>
        {/foreach}
    </section>

    {$traffic = $vpn.traffic}
    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-traffic">
        <h3 id="mikrotikvpn-traffic">{$text.client_traffic|escape}</h3>
        <p class="mikrotikvpn-figure">
            <strong data-mikrotikvpn-value="left">{$traffic.left|escape}</strong>
            {if $traffic.of}<span class="mikrotikvpn-muted" data-mikrotikvpn-value="of">{$traffic.of|escape}</span>{/if}
        </p>
        {if $traffic.percent !== null}
        <progress class="mikrotikvpn-bar{if $traffic.percent < 10} mikrotikvpn-bar-low{/if}" max="100" value="{$traffic.percent|escape}" aria-label="{$text.client_bar|escape}">{$traffic.percent|escape} %</progress>
        {/if}
        {if $traffic.forecast}<p class="mikrotikvpn-forecast" data-mikrotikvpn-value="forecast">{$traffic.forecast|escape}</p>{/if}
        <dl class="mikrotikvpn-facts">
            <div><dt>{$text.client_used|escape}</dt><dd data-mikrotikvpn-value="used">{$traffic.used|escape}</dd></div>
            <div><dt><span aria-hidden="true">↓</span> {$text.client_download|escape}</dt><dd data-mikrotikvpn-value="download">{$traffic.download|escape}</dd></div>
            <div><dt><span aria-hidden="true">↑</span> {$text.client_upload|escape}</dt><dd data-mikrotikvpn-value="upload">{$traffic.upload|escape}</dd></div>
            {if $traffic.next}<div><dt>{$text.client_next_cycle|escape}</dt><dd data-mikrotikvpn-value="next">{$traffic.next|escape}</dd></div>{/if}
        </dl>
        <dl class="mikrotikvpn-facts mikrotikvpn-speeds">
            <div><dt>{$text.client_download_limit|escape}</dt><dd data-mikrotikvpn-value="download-limit">{$vpn.limits.download|escape}</dd></div>
            <div><dt>{$text.client_upload_limit|escape}</dt><dd data-mikrotikvpn-value="upload-limit">{$vpn.limits.upload|escape}</dd></div>
        </dl>
        <p class="mikrotikvpn-small">{$text.client_note|escape}</p>
    </section>
{/if}
</div>
