{* The client page. All its values come under one name, $mikrotikvpn (src/pages/client.rs); every value is
   escaped here, except the admin's own HTML per protocol. Plain markup that Bootstrap 3 and 4 leave alone.
   Each shown value carries data-mikrotikvpn-value, the name by which tests and scripts find it. *}
{assign var=vpn value=$mikrotikvpn}
{assign var=assets value="`$WEB_ROOT|default:'.'`/modules/servers/mikrotikvpn/assets"}
<link rel="stylesheet" href="{$assets|escape}/client.css?v={$vpn.version|default:''|escape}">
<script src="{$assets|escape}/client.js?v={$vpn.version|default:''|escape}" defer></script>
<div class="mikrotikvpn" data-mikrotikvpn-state="{$vpn.state|escape}">
{if $vpn.state eq 'failed'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">The details of this VPN account cannot be shown at the moment. Our team has been informed; please contact support if you need them now.</p>
{elseif $vpn.state eq 'inactive'}
    <p class="mikrotikvpn-note" role="status">This VPN account is not active (status: {$vpn.status|escape}). Its access data appears here as soon as the service is active.</p>
{elseif $vpn.state eq 'missing'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">Your VPN account is not set up on the VPN server yet. Please contact support and mention service number {$vpn.service|escape}.</p>
{else}
    {if $vpn.state eq 'unreachable'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">The VPN server does not answer at the moment, so your connection cannot be shown. Your access data below stays valid; please reload this page in a few minutes.</p>
    {/if}

    {if $vpn.state eq 'active'}
    <section class="mikrotikvpn-card mikrotikvpn-connection" aria-labelledby="mikrotikvpn-connection">
        <h3 id="mikrotikvpn-connection" class="mikrotikvpn-hidden">Connection</h3>
        <p class="mikrotikvpn-status">
            <span class="mikrotikvpn-lamp{if $vpn.session} mikrotikvpn-lamp-on{/if}" aria-hidden="true"></span>
            <strong data-mikrotikvpn-value="connection">{if $vpn.session}Connected{else}Not connected{/if}</strong>
            {if $vpn.session && $vpn.session.uptime}<span class="mikrotikvpn-muted">for <span data-mikrotikvpn-value="uptime">{$vpn.session.uptime|escape}</span></span>{/if}
        </p>
        {if $vpn.instruction_link}
        <a class="mikrotikvpn-button mikrotikvpn-manual" href="{$vpn.instruction_link|escape}" target="_blank" rel="noopener noreferrer">User manual<span class="mikrotikvpn-hidden"> (opens in a new tab)</span></a>
        {/if}
        {if $vpn.session}
        <dl class="mikrotikvpn-facts">
            <div><dt>Protocol</dt><dd data-mikrotikvpn-value="session-protocol">{$vpn.session.protocol|escape}</dd></div>
            {if $vpn.session.address}<div><dt>VPN address</dt><dd data-mikrotikvpn-value="session-address">{$vpn.session.address|escape}</dd></div>{/if}
            {if $vpn.session.caller}<div><dt>Connected from</dt><dd data-mikrotikvpn-value="session-caller">{$vpn.session.caller|escape}</dd></div>{/if}
        </dl>
        {/if}
    </section>
    {/if}

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-access">
        <h3 id="mikrotikvpn-access">Access</h3>
        {$fields = [['key' => 'server', 'label' => 'Server', 'value' => $vpn.server, 'secret' => false], ['key' => 'username', 'label' => 'Username', 'value' => $vpn.username, 'secret' => false], ['key' => 'password', 'label' => 'Password', 'value' => $vpn.password, 'secret' => $vpn.show_password eq 'button'], ['key' => 'psk', 'label' => 'IPsec pre-shared key', 'value' => $vpn.l2tp_psk, 'secret' => true]]}
        <dl class="mikrotikvpn-fields">
        {foreach from=$fields item=field}
            {if $field.key eq 'password' && $vpn.show_password eq 'never'}
            <div>
                <dt>Password</dt>
                <dd class="mikrotikvpn-muted" data-mikrotikvpn-value="password">Not shown here. You can set a new one under “Change password”.</dd>
            </div>
            {elseif $field.value}
            <div>
                <dt>{$field.label|escape}</dt>
                <dd>
                    <code id="mikrotikvpn-{$field.key}" data-mikrotikvpn-value="{$field.key}"{if $field.secret} data-mikrotikvpn-secret="{$field.value|escape}"{/if}>{if $field.secret}<span aria-label="hidden">••••••••</span>{else}{$field.value|escape}{/if}</code>
                </dd>
                <dd class="mikrotikvpn-buttons">
                    {if $field.secret}<button type="button" class="mikrotikvpn-button" data-mikrotikvpn-reveal="mikrotikvpn-{$field.key}" aria-controls="mikrotikvpn-{$field.key}" hidden><span>Show</span><span class="mikrotikvpn-hidden"> {$field.label|escape}</span></button>{/if}
                    <button type="button" class="mikrotikvpn-button" data-mikrotikvpn-copy="mikrotikvpn-{$field.key}" hidden><span>Copy</span><span class="mikrotikvpn-hidden"> {$field.label|escape}</span></button>
                </dd>
            </div>
            {/if}
        {/foreach}
            <div>
                <dt>Protocols</dt>
                <dd data-mikrotikvpn-value="protocols">
                {foreach from=$vpn.protocols item=protocol}
                    <span class="mikrotikvpn-protocol">{$protocol.label|escape}</span>
                    {if $protocol.profile}<a href="{$protocol.profile|escape}" rel="noopener noreferrer">Download profile</a>{/if}
                    {if $protocol.html}<div class="mikrotikvpn-custom">{$protocol.html nofilter}</div>{/if}
                {foreachelse}
                    Any protocol your provider has told you
                {/foreach}
                </dd>
            </div>
        </dl>
        <p class="mikrotikvpn-hidden" role="status" data-mikrotikvpn-announce></p>
    </section>

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-traffic">
        <h3 id="mikrotikvpn-traffic">Traffic</h3>
        <p class="mikrotikvpn-figure">
        {if $vpn.traffic.unlimited}
            <strong data-mikrotikvpn-value="left">Unlimited</strong>
        {elseif $vpn.traffic.balance_gb === null}
            <strong data-mikrotikvpn-value="left">Not counted yet</strong>
        {else}
            <strong><span data-mikrotikvpn-value="left">{$vpn.traffic.balance_gb|escape}</span> GB</strong>
            <span class="mikrotikvpn-muted">left of <span data-mikrotikvpn-value="quota">{$vpn.traffic.quota_gb|escape}</span> GB (<span data-mikrotikvpn-value="percent">{$vpn.traffic.percent|escape}</span> %)</span>
        {/if}
        </p>
        {if not $vpn.traffic.unlimited and $vpn.traffic.balance_gb !== null}
        <progress class="mikrotikvpn-bar{if $vpn.traffic.percent < 10} mikrotikvpn-bar-low{/if}" max="100" value="{$vpn.traffic.percent|escape}" aria-label="Traffic left">{$vpn.traffic.percent|escape} %</progress>
        {/if}
        <dl class="mikrotikvpn-facts">
            <div><dt>Used in this period</dt><dd><span data-mikrotikvpn-value="used">{$vpn.traffic.used_gb|escape}</span> GB</dd></div>
            <div><dt><span aria-hidden="true">↓</span> Download</dt><dd><span data-mikrotikvpn-value="download">{$vpn.traffic.download_gb|escape}</span> GB</dd></div>
            <div><dt><span aria-hidden="true">↑</span> Upload</dt><dd><span data-mikrotikvpn-value="upload">{$vpn.traffic.upload_gb|escape}</span> GB</dd></div>
            {if $vpn.traffic.next_grant_gb}
            <div><dt>Next billing cycle</dt><dd>+<span data-mikrotikvpn-value="next-grant">{$vpn.traffic.next_grant_gb|escape}</span> GB <span class="mikrotikvpn-when">on {$vpn.traffic.next_grant_on|escape}</span></dd></div>
            {/if}
        </dl>
        <dl class="mikrotikvpn-facts mikrotikvpn-speeds">
            <div><dt>Download speed</dt><dd data-mikrotikvpn-value="download-limit">{if $vpn.limits.download}up to {$vpn.limits.download|escape} Mbit/s{else}Unlimited{/if}</dd></div>
            <div><dt>Upload speed</dt><dd data-mikrotikvpn-value="upload-limit">{if $vpn.limits.upload}up to {$vpn.limits.upload|escape} Mbit/s{else}Unlimited{/if}</dd></div>
        </dl>
        <p class="mikrotikvpn-small">1 GB is 2<sup>30</sup> bytes; download and upload count together.</p>
    </section>
{/if}
</div>
