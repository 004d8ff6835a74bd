<div class="alert alert-danger" id="message">{$message|escape}</div>
