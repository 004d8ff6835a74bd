{include file="twenty-one/clientareahome.tpl"}
