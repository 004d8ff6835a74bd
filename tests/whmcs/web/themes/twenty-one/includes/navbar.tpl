{foreach $navbar->getChildren() as $item}
{if $item->hasChildren()}
<li menuItemName="{$item->getName()|escape}" class="nav-item dropdown {$item->getClass()}" id="{$item->getId()|escape}">
    <a class="nav-link dropdown-toggle" href="{$item->getUri()|escape}" data-toggle="dropdown" aria-haspopup="true" aria-expanded="false">{$item->getLabel()}</a>
    <div class="dropdown-menu{if $navbar->getName() eq 'secondaryNavbar'} dropdown-menu-right{/if}">
        {foreach $item->getChildren() as $child}
        <a menuItemName="{$child->getName()|escape}" class="dropdown-item {$child->getClass()}" href="{$child->getUri()|escape}" id="{$child->getId()|escape}">{if $child->hasIcon()}<i class="fas {$child->getIcon()}"></i>&nbsp;{/if}{$child->getLabel()}</a>
        {/foreach}
    </div>
</li>
{else}
<li menuItemName="{$item->getName()|escape}" class="nav-item {$item->getClass()}" id="{$item->getId()|escape}"><a class="nav-link" href="{$item->getUri()|escape}">{$item->getLabel()}</a></li>
{/if}
{/foreach}
