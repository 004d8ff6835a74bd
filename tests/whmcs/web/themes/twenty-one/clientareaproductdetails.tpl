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
    <div class="tab-pane fade show active" role="tabpanel" id="tabOverview">
        {if $tplOverviewTabOutput}
            {$tplOverviewTabOutput}
        {else}
        <div class="card">
            <div class="card-body">
                <div class="product-details">
                    <div class="row">
                        <div class="col-md-6 text-center">
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
            </div>
        </div>
        {foreach $hookOutput as $output}
        <div>
            {$output}
        </div>
        {/foreach}
        {if $domain || $moduleclientarea || $configurableoptions || $customfields || $lastupdate || $metricStats}
        <div class="row clearfix">
            <div class="col-12">
                <ul class="nav nav-tabs nav-tabs-overflow responsive-tabs-sm">
                    {if $domain}
                    <li class="nav-item"><a href="#domain" data-toggle="tab" class="nav-link active"><i class="fas fa-globe fa-fw"></i> {lang key='domainserver'}</a></li>
                    {elseif $moduleclientarea}
                    <li class="nav-item"><a href="#manage" data-toggle="tab" class="nav-link active"><i class="fas fa-globe fa-fw"></i> {lang key='manage'}</a></li>
                    {/if}
                    {if $configurableoptions}
                    <li class="nav-item"><a href="#configoptions" data-toggle="tab" class="nav-link{if !$domain && !$moduleclientarea} active{/if}"><i class="fas fa-cubes fa-fw"></i> {lang key='orderconfigpackage'}</a></li>
                    {/if}
                    {if $metricStats}
                    <li class="nav-item"><a href="#metrics" data-toggle="tab" class="nav-link{if !$domain && !$moduleclientarea && !$configurableoptions} active{/if}"><i class="fas fa-chart-line fa-fw"></i> {lang key='metrics.title'}</a></li>
                    {/if}
                    {if $customfields}
                    <li class="nav-item"><a href="#additionalinfo" data-toggle="tab" class="nav-link{if !$domain && !$moduleclientarea && !$configurableoptions && !$metricStats} active{/if}"><i class="fas fa-info fa-fw"></i> {lang key='additionalInfo'}</a></li>
                    {/if}
                    {if $lastupdate}
                    <li class="nav-item"><a href="#resourceusage" data-toggle="tab" class="nav-link{if !$domain && !$moduleclientarea && !$configurableoptions && !$metricStats && !$customfields} active{/if}"><i class="fas fa-inbox fa-fw"></i> {lang key='resourceUsage'}</a></li>
                    {/if}
                </ul>
            </div>
        </div>
        <div class="tab-content bg-white product-details-tab-container">
            {if $domain}
            <div class="tab-pane fade show active text-center" role="tabpanel" id="domain">
                {if $serverdata}
                <div class="row"><div class="col-5 text-right"><strong>{lang key='serverhostname'}</strong></div><div class="col-7 text-left">{$serverdata.hostname}</div></div>
                <div class="row"><div class="col-5 text-right"><strong>{lang key='primaryIP'}</strong></div><div class="col-7 text-left">{$serverdata.ipaddress}</div></div>
                {/if}
                <p>{$domain}</p>
                {if $moduleclientarea}
                <div class="text-center module-client-area">{$moduleclientarea}</div>
                {/if}
            </div>
            {elseif $moduleclientarea}
            <div class="tab-pane fade show active" role="tabpanel" id="manage">
                <div class="text-center module-client-area">
                    {$moduleclientarea}
                </div>
            </div>
            {/if}
            {if $configurableoptions}
            <div class="tab-pane fade{if !$domain && !$moduleclientarea} show active{/if}" role="tabpanel" id="configoptions">
                {foreach $configurableoptions as $configoption}
                <div class="row">
                    <div class="col-5 text-right"><strong>{$configoption.optionname}</strong></div>
                    <div class="col-7 text-left">{if $configoption.optiontype eq 3}{if $configoption.selectedqty}{lang key='yes'}{else}{lang key='no'}{/if}{elseif $configoption.optiontype eq 4}{$configoption.selectedqty} x {$configoption.selectedoption}{else}{$configoption.selectedoption}{/if}</div>
                </div>
                {/foreach}
            </div>
            {/if}
            {if $metricStats}
            <div class="tab-pane fade{if !$domain && !$moduleclientarea && !$configurableoptions} show active{/if}" role="tabpanel" id="metrics">
                {include file="$template/clientareaproductusagebilling.tpl"}
            </div>
            {/if}
            {if $customfields}
            <div class="tab-pane fade{if !$domain && !$moduleclientarea && !$configurableoptions && !$metricStats} show active{/if}" role="tabpanel" id="additionalinfo">
                {foreach $customfields as $field}
                <div class="row"><div class="col-5 text-right"><strong>{$field.name}</strong></div><div class="col-7 text-left">{$field.value}</div></div>
                {/foreach}
            </div>
            {/if}
            {if $lastupdate}
            <div class="tab-pane fade text-center{if !$domain && !$moduleclientarea && !$configurableoptions && !$metricStats && !$customfields} show active{/if}" role="tabpanel" id="resourceusage">
                <div class="row">
                    <div class="col-sm-6"><h4>{lang key='diskSpace'}</h4><p>{$diskusage}MB / {if $disklimit}{$disklimit}MB{else}{lang key='unlimited'}{/if} ({$diskpercent})</p></div>
                    <div class="col-sm-6"><h4>{lang key='bandwidth'}</h4><p>{$bwusage}MB / {if $bwlimit}{$bwlimit}MB{else}{lang key='unlimited'}{/if} ({$bwpercent})</p></div>
                </div>
                <p class="text-muted">{lang key='lastUpdated'}: {$lastupdate}</p>
            </div>
            {/if}
        </div>
        {/if}
        {/if}
    </div>
    <div class="tab-pane fade" role="tabpanel" id="tabDownloads"></div>
    <div class="tab-pane fade" role="tabpanel" id="tabAddons"></div>
    <div class="tab-pane fade" role="tabpanel" id="tabChangepw">
        <h3>{lang key='clientareachangepassword'}</h3>
        {if $modulechangepwresult eq "success"}
            {include file="$template/includes/alert.tpl" type="success" msg=$modulechangepasswordmessage textcenter=true idname="alertChangePassword"}
        {elseif $modulechangepwresult eq "error"}
            {include file="$template/includes/alert.tpl" type="error" msg=$modulechangepasswordmessage|strip_tags|escape textcenter=true idname="alertChangePassword"}
        {/if}
        {if $modulechangepassword}
        <form class="using-password-strength" method="post" action="{$WEB_ROOT}/clientarea.php?action=productdetails#tabChangepw" role="form">
            <input type="hidden" name="id" value="{$id}">
            <input type="hidden" name="modulechangepassword" value="true">
            <div class="form-group row">
                <label for="inputNewPassword1" class="col-xl-4 col-form-label">{lang key='newpassword'}</label>
                <div class="col-xl-5"><input type="password" class="form-control" id="inputNewPassword1" name="newpw" autocomplete="off"></div>
            </div>
            <div class="form-group row">
                <label for="inputNewPassword2" class="col-xl-4 col-form-label">{lang key='confirmnewpassword'}</label>
                <div class="col-xl-5"><input type="password" class="form-control" id="inputNewPassword2" name="confirmpw" autocomplete="off"></div>
            </div>
            <input class="btn btn-primary" type="submit" value="{lang key='clientareasavechanges'}">
        </form>
        {/if}
    </div>
</div>
