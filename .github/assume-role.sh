#!/usr/bin/env bash
# assume-role.sh ROLE_ARN REGION: exchanges the OIDC token of the job for credentials of the role, valid for one hour,
# and sets them for the following steps.
set -euo pipefail

token=$(curl --silent --show-error --fail --header "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" | jq --exit-status --raw-output .value)
read -r key secret session < <(aws sts assume-role-with-web-identity --role-arn "$1" --region "$2" \
  --role-session-name "github-$GITHUB_RUN_ID" --web-identity-token "$token" --output text \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]')
for each in "$key" "$secret" "$session"; do
  echo "::add-mask::$each"
done
cat >> "$GITHUB_ENV" <<END
AWS_ACCESS_KEY_ID=$key
AWS_SECRET_ACCESS_KEY=$secret
AWS_SESSION_TOKEN=$session
AWS_REGION=$2
END
