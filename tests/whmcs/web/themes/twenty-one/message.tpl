{include file="$template/includes/alert.tpl" type="error" msg=$message|escape textcenter=true idname="alertMessage"}
