{include file="twenty-one/footer.tpl"}
