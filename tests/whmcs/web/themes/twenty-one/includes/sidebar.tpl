{* As in WHMCS's themes, label and address are printed as they are: a hook that builds them from what others typed has to
   escape it. *}
{foreach $sidebar->getChildren() as $panel}
<div menuItemName="{$panel->getName()|escape}" class="mb-3 card card-sidebar {$panel->getClass()}"{if $panel->getAttribute('id')} id="{$panel->getAttribute('id')}"{/if}>
    <div class="card-header">
        <h3 class="card-title m-0">
            {if $panel->hasIcon()}<i class="fas {$panel->getIcon()}"></i>&nbsp;{/if}{$panel->getLabel()}
            {if $panel->hasBadge()}&nbsp;<span class="badge badge-secondary">{$panel->getBadge()}</span>{/if}
        </h3>
    </div>
    {if $panel->hasBodyHtml()}<div class="card-body">{$panel->getBodyHtml()}</div>{/if}
    {if $panel->hasChildren()}
    <div class="list-group list-group-flush d-md-flex {$panel->getChildrenAttribute('class')}" role="tablist">
        {foreach $panel->getChildren() as $child}
        {if $child->getUri()}
        <a menuItemName="{$child->getName()|escape}" href="{$child->getUri()}" class="list-group-item list-group-item-action{if $child->isDisabled()} disabled{/if}{if $child->isCurrent()} active{/if} {$child->getClass()}"{if $child->getAttribute('dataToggleTab')} data-toggle="list" role="tab"{/if}{if $child->getAttribute('target')} target="{$child->getAttribute('target')}"{/if}{if $child->getAttribute('data-identifier')} data-identifier="{$child->getAttribute('data-identifier')|escape}" data-serviceid="{$child->getAttribute('data-serviceid')}"{/if} id="{$child->getId()|escape}">
            {if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}
            {if $child->hasBadge()}<span class="badge badge-secondary float-right">{$child->getBadge()}</span>{/if}
        </a>
        {else}
        <div menuItemName="{$child->getName()|escape}" class="list-group-item {$child->getClass()}" id="{$child->getId()|escape}">
            {if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}
        </div>
        {/if}
        {/foreach}
    </div>
    {/if}
    {if $panel->hasFooterHtml()}<div class="card-footer">{$panel->getFooterHtml()}</div>{/if}
</div>
{/foreach}
