{if $modulecustombuttonresult}
    {if $modulecustombuttonresult eq "success"}
        {include file="$template/includes/alert.tpl" type="success" msg=$LANG.moduleactionsuccess textcenter=true idname="alertModuleCustomButtonSuccess"}
    {else}
        {include file="$template/includes/alert.tpl" type="error" msg="{$LANG.moduleactionfailed} {$modulecustombuttonresult}" textcenter=true idname="alertModuleCustomButtonFailed"}
    {/if}
{/if}
{if $pendingcancellation}
    {include file="$template/includes/alert.tpl" type="error" msg=$LANG.cancellationrequestpending textcenter=true idname="alertPendingCancellation"}
{/if}
<div class="tab-content margin-bottom">
    <div class="tab-pane fade in active" id="tabOverview">
        {if $tplOverviewTabOutput}
            {$tplOverviewTabOutput}
        {else}
        <div class="product-details clearfix">
            <div class="row">
                <div class="col-md-6">
                    <div class="product-status product-status-{$rawstatus|lower}">
                        <div class="product-icon text-center">
                            <span class="fa-stack fa-lg"><i class="fas fa-circle fa-stack-2x"></i><i class="fas fa-hdd fa-stack-1x fa-inverse"></i></span>
                            <h3>{$product}</h3>
                            <h4>{$groupname}</h4>
                        </div>
                        <div class="product-status-text">{$status}</div>
                    </div>
                </div>
                <div class="col-md-6 text-center">
                    <h4>{lang key='clientareahostingregdate'}</h4>{$regdate}
                    {if $billingcycle neq "Free Account" && $billingcycle neq "One Time"}
                    <h4>{lang key='recurringamount'}</h4>{$recurringamount}
                    {/if}
                    <h4>{lang key='orderbillingcycle'}</h4>{$billingcycle}
                    <h4>{lang key='clientareahostingnextduedate'}</h4>{$nextduedate}
                    <h4>{lang key='orderpaymentmethod'}</h4>{$paymentmethod}
                    {if $suspendreason}<h4>{lang key='suspendreason'}</h4>{$suspendreason}{/if}
                </div>
            </div>
        </div>
        {foreach $hookOutput as $output}
        <div>
            {$output}
        </div>
        {/foreach}
        {* The tabs that are shown, in their order: name, icon, label. The first is open. *}
        {$tabs = []}
        {if $domain}{$tabs[] = ['domain', 'globe', 'domainserver']}{elseif $moduleclientarea}{$tabs[] = ['manage', 'globe', 'manage']}{/if}
        {if $configurableoptions}{$tabs[] = ['configoptions', 'cubes', 'orderconfigpackage']}{/if}
        {if $metricStats}{$tabs[] = ['metrics', 'chart-line', 'metrics.title']}{/if}
        {if $customfields}{$tabs[] = ['additionalinfo', 'info', 'additionalInfo']}{/if}
        {if $lastupdate}{$tabs[] = ['resourceusage', 'inbox', 'resourceUsage']}{/if}
        {if $tabs}
        <div class="row clearfix">
            <div class="col-xs-12">
                <ul class="nav nav-tabs nav-tabs-overflow">
                    {foreach $tabs as $tab}
                    <li{if $tab@first} class="active"{/if}><a href="#{$tab[0]}" data-toggle="tab"><i class="fas fa-{$tab[1]} fa-fw"></i> {lang key=$tab[2]}</a></li>
                    {/foreach}
                </ul>
            </div>
        </div>
        <div class="tab-content product-details-tab-container">
            {foreach $tabs as $tab}
            <div class="tab-pane fade{if $tab@first} in active{/if} text-center" id="{$tab[0]}">
                {if $tab[0] eq 'domain'}
                {if $serverdata}
                <div class="row"><div class="col-sm-5 text-right"><strong>{lang key='serverhostname'}</strong></div><div class="col-sm-7 text-left">{$serverdata.hostname}</div></div>
                <div class="row"><div class="col-sm-5 text-right"><strong>{lang key='primaryIP'}</strong></div><div class="col-sm-7 text-left">{$serverdata.ipaddress}</div></div>
                {/if}
                <p>{$domain}</p>
                {/if}
                {if ($tab[0] eq 'domain' || $tab[0] eq 'manage') && $moduleclientarea}
                <div class="text-center module-client-area">
                    {$moduleclientarea}
                </div>
                {elseif $tab[0] eq 'configoptions'}
                {foreach $configurableoptions as $configoption}
                <div class="row">
                    <div class="col-sm-5"><strong>{$configoption.optionname}</strong></div>
                    <div class="col-sm-7 text-left">{if $configoption.optiontype eq 3}{if $configoption.selectedqty}{lang key='yes'}{else}{lang key='no'}{/if}{elseif $configoption.optiontype eq 4}{$configoption.selectedqty} x {$configoption.selectedoption}{else}{$configoption.selectedoption}{/if}</div>
                </div>
                {/foreach}
                {elseif $tab[0] eq 'metrics'}
                {include file="$template/clientareaproductusagebilling.tpl"}
                {elseif $tab[0] eq 'additionalinfo'}
                {foreach $customfields as $field}
                <div class="row"><div class="col-sm-5"><strong>{$field.name}</strong></div><div class="col-sm-7 text-left">{$field.value}</div></div>
                {/foreach}
                {elseif $tab[0] eq 'resourceusage'}
                <div class="row">
                    <div class="col-sm-6"><h4>{lang key='diskSpace'}</h4><p>{$diskusage}MB / {if $disklimit}{$disklimit}MB{else}{lang key='unlimited'}{/if} ({$diskpercent})</p></div>
                    <div class="col-sm-6"><h4>{lang key='bandwidth'}</h4><p>{$bwusage}MB / {if $bwlimit}{$bwlimit}MB{else}{lang key='unlimited'}{/if} ({$bwpercent})</p></div>
                </div>
                <p class="text-muted">{lang key='lastUpdated'}: {$lastupdate}</p>
                {/if}
            </div>
            {/foreach}
        </div>
        {/if}
        {/if}
    </div>
    <div class="tab-pane fade in" id="tabDownloads"></div>
    <div class="tab-pane fade in" id="tabAddons"></div>
    <div class="tab-pane fade in" id="tabChangepw">
        <h3>{lang key='clientareachangepassword'}</h3>
        {if $modulechangepwresult eq "success"}
            {include file="$template/includes/alert.tpl" type="success" msg=$modulechangepasswordmessage textcenter=true idname="alertChangePassword"}
        {elseif $modulechangepwresult eq "error"}
            {include file="$template/includes/alert.tpl" type="error" msg=$modulechangepasswordmessage|strip_tags|escape textcenter=true idname="alertChangePassword"}
        {/if}
        {if $modulechangepassword}
        <form class="form-horizontal using-password-strength" method="post" action="{$WEB_ROOT}/clientarea.php?action=productdetails#tabChangepw" role="form">
            <input type="hidden" name="id" value="{$id}">
            <input type="hidden" name="modulechangepassword" value="true">
            <div class="form-group">
                <label for="inputNewPassword1" class="col-sm-5 control-label">{lang key='newpassword'}</label>
                <div class="col-sm-6"><input type="password" class="form-control" id="inputNewPassword1" name="newpw" autocomplete="off"></div>
            </div>
            <div class="form-group">
                <label for="inputNewPassword2" class="col-sm-5 control-label">{lang key='confirmnewpassword'}</label>
                <div class="col-sm-6"><input type="password" class="form-control" id="inputNewPassword2" name="confirmpw" autocomplete="off"></div>
            </div>
            <input class="btn btn-primary" type="submit" value="{lang key='clientareasavechanges'}">
        </form>
        {/if}
    </div>
</div>
