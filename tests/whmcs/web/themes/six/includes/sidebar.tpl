{* As in WHMCS's themes, label and address are printed as they are: a hook that builds them from what others typed has to
   escape it. *}
{foreach $sidebar->getChildren() as $panel}
<div menuItemName="{$panel->getName()|escape}" class="panel panel-sidebar {$panel->getClass()|default:'panel-sidebar'}"{if $panel->getAttribute('id')} id="{$panel->getAttribute('id')}"{/if}>
    <div class="panel-heading">
        <h3 class="panel-title">
            {if $panel->hasIcon()}<i class="fas {$panel->getIcon()}"></i>&nbsp;{/if}{$panel->getLabel()}
            {if $panel->hasBadge()}&nbsp;<span class="badge">{$panel->getBadge()}</span>{/if}
        </h3>
    </div>
    {if $panel->hasBodyHtml()}<div class="panel-body">{$panel->getBodyHtml()}</div>{/if}
    {if $panel->hasChildren()}
    <div class="list-group {$panel->getChildrenAttribute('class')}">
        {foreach $panel->getChildren() as $child}
        {if $child->getUri()}
        <a menuItemName="{$child->getName()|escape}" href="{$child->getUri()}" class="list-group-item{if $child->isDisabled()} disabled{/if}{if $child->isCurrent()} active{/if} {$child->getClass()}"{if $child->getAttribute('dataToggleTab')} data-toggle="tab"{/if}{if $child->getAttribute('target')} target="{$child->getAttribute('target')}"{/if}{if $child->getAttribute('data-identifier')} data-identifier="{$child->getAttribute('data-identifier')|escape}" data-serviceid="{$child->getAttribute('data-serviceid')}"{/if} id="{$child->getId()|escape}">
            {if $child->hasBadge()}<span class="badge">{$child->getBadge()}</span>{/if}
            {if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}
        </a>
        {else}
        <div menuItemName="{$child->getName()|escape}" class="list-group-item {$child->getClass()}" id="{$child->getId()|escape}">
            {if $child->hasBadge()}<span class="badge">{$child->getBadge()}</span>{/if}
            {if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}
        </div>
        {/if}
        {/foreach}
    </div>
    {/if}
    {if $panel->hasFooterHtml()}<div class="panel-footer clearfix">{$panel->getFooterHtml()}</div>{/if}
</div>
{/foreach}
