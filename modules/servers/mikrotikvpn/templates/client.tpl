{* The client page. All its values come under one name, $mikrotikvpn (src/pages/client.rs); every value is
   escaped here, except the admin's own HTML per protocol. Plain markup that Bootstrap 3 and 4 leave alone. *}
{assign var=vpn value=$mikrotikvpn}
{assign var=assets value="`$WEB_ROOT|default:'.'`/modules/servers/mikrotikvpn/assets"}
<link rel="stylesheet" href="{$assets|escape}/client.css?v={$vpn.version|default:''|escape}">
<script src="{$assets|escape}/client.js?v={$vpn.version|default:''|escape}" defer></script>
<div class="mikrotikvpn">
{if $vpn.state eq 'failed'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">The details of this VPN account cannot be shown at the moment. Our team has been informed; please contact support if you need them now.</p>
{elseif $vpn.state eq 'inactive'}
    <p class="mikrotikvpn-note" role="status">This VPN account is not active (status: {$vpn.status|escape}). Its access data appears here as soon as the service is active.</p>
{elseif $vpn.state eq 'missing'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="alert">Your VPN account is not set up on the VPN server yet. Please contact support and mention service number {$vpn.service|escape}.</p>
{else}
    {if $vpn.state eq 'unreachable'}
    <p class="mikrotikvpn-note mikrotikvpn-bad" role="status">The VPN server does not answer at the moment, so the connection cannot be shown. Your access data below stays valid.</p>
    {/if}
    {if $vpn.instruction_link}
    <p class="mikrotikvpn-manual"><a class="btn btn-default btn-secondary" href="{$vpn.instruction_link|escape}" target="_blank" rel="noopener noreferrer">User manual</a></p>
    {/if}

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-access">
        <h3 id="mikrotikvpn-access">Access</h3>
        <dl>
            <dt>Server</dt>
            <dd><code id="mikrotikvpn-server">{$vpn.server|escape}</code> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-copy="mikrotikvpn-server">Copy<span class="sr-only"> server address</span></button></dd>
            <dt>Protocols</dt>
            <dd>
            {foreach from=$vpn.protocols item=protocol}
                <span class="mikrotikvpn-protocol">{$protocol.label|escape}</span>
                {if $protocol.profile}<a href="{$protocol.profile|escape}" rel="noopener noreferrer">Download profile</a>{/if}
                {if $protocol.html}<div class="mikrotikvpn-custom">{$protocol.html nofilter}</div>{/if}
            {foreachelse}
                Any protocol your provider has told you
            {/foreach}
            </dd>
            {if $vpn.l2tp_psk}
            <dt>IPsec pre-shared key</dt>
            <dd><code id="mikrotikvpn-psk" data-mikrotikvpn-secret="{$vpn.l2tp_psk|escape}">••••••••</code> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-reveal="mikrotikvpn-psk" aria-pressed="false">Show<span class="sr-only"> pre-shared key</span></button> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-copy="mikrotikvpn-psk">Copy<span class="sr-only"> pre-shared key</span></button></dd>
            {/if}
            <dt>Username</dt>
            <dd><code id="mikrotikvpn-username">{$vpn.username|escape}</code> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-copy="mikrotikvpn-username">Copy<span class="sr-only"> username</span></button></dd>
            <dt>Password</dt>
            {if $vpn.show_password eq 'never'}
            <dd>Not shown here. You can set a new one under “Change password”.</dd>
            {elseif $vpn.show_password eq 'always'}
            <dd><code id="mikrotikvpn-password">{$vpn.password|escape}</code> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-copy="mikrotikvpn-password">Copy<span class="sr-only"> password</span></button></dd>
            {else}
            <dd><code id="mikrotikvpn-password" data-mikrotikvpn-secret="{$vpn.password|escape}">••••••••</code> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-reveal="mikrotikvpn-password" aria-pressed="false">Show<span class="sr-only"> password</span></button> <button type="button" class="btn btn-default btn-secondary btn-sm" data-mikrotikvpn-copy="mikrotikvpn-password">Copy<span class="sr-only"> password</span></button></dd>
            {/if}
        </dl>
    </section>

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-connection">
        <h3 id="mikrotikvpn-connection">Connection</h3>
        <dl>
            <dt>Status</dt>
            <dd>
            {if $vpn.state eq 'unreachable'}
                <span class="mikrotikvpn-lamp"></span> Unknown
            {elseif $vpn.session}
                <span class="mikrotikvpn-lamp mikrotikvpn-lamp-on"></span> Connected
            {else}
                <span class="mikrotikvpn-lamp mikrotikvpn-lamp-off"></span> Not connected
            {/if}
            </dd>
            {if $vpn.session}
            <dt>Protocol</dt><dd>{$vpn.session.protocol|escape}</dd>
            {if $vpn.session.address}<dt>VPN address</dt><dd>{$vpn.session.address|escape}</dd>{/if}
            {if $vpn.session.caller}<dt>Connected from</dt><dd>{$vpn.session.caller|escape}</dd>{/if}
            {if $vpn.session.uptime}<dt>Connected for</dt><dd>{$vpn.session.uptime|escape}</dd>{/if}
            {/if}
            <dt>Download speed</dt>
            <dd>{if $vpn.limits.download}up to {$vpn.limits.download|escape} Mbit/s{else}Unlimited{/if}</dd>
            <dt>Upload speed</dt>
            <dd>{if $vpn.limits.upload}up to {$vpn.limits.upload|escape} Mbit/s{else}Unlimited{/if}</dd>
        </dl>
    </section>

    <section class="mikrotikvpn-card" aria-labelledby="mikrotikvpn-traffic">
        <h3 id="mikrotikvpn-traffic">Traffic</h3>
        {if not $vpn.traffic.unlimited and $vpn.traffic.balance_gb !== null}
        <progress max="100" value="{$vpn.traffic.percent|escape}" aria-label="Traffic left">{$vpn.traffic.percent|escape} %</progress>
        {/if}
        <dl>
            <dt>Left</dt>
            <dd>{if $vpn.traffic.unlimited}Unlimited{elseif $vpn.traffic.balance_gb === null}Not counted yet{else}{$vpn.traffic.balance_gb|escape} GB ({$vpn.traffic.percent|escape} %){/if}</dd>
            <dt>Used in this period</dt>
            <dd>{$vpn.traffic.used_gb|escape} GB ({$vpn.traffic.download_gb|escape} down, {$vpn.traffic.upload_gb|escape} up)</dd>
            {if $vpn.traffic.next_grant_gb}
            <dt>Next billing cycle adds</dt>
            <dd>{$vpn.traffic.next_grant_gb|escape} GB on {$vpn.traffic.next_grant_on|escape}</dd>
            {/if}
        </dl>
        <p class="mikrotikvpn-small">1 GB is 2<sup>30</sup> bytes; download and upload count together.</p>
    </section>
{/if}
</div>
