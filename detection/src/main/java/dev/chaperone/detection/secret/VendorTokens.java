// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import java.util.List;

/**
 * The tokens that vendors mark with a prefix: one line a shape, in the notation of {@link
 * TokenShape}. Types after the slash-free ids of the open rule sets (gitleaks, secretlint), so that
 * reports compare. Sources: the vendors' own documents of their formats.
 */
final class VendorTokens {
    private static final String AI =
            """
            openai-api-key                sk-<v10-120>T3BlbkFJ<v20-120>
            openai-api-key                sk-proj-<v40-200>
            openai-api-key                sk-svcacct-<v40-200>
            openai-api-key                sk-admin-<v40-200>
            openai-api-key                sk-None-<v40-200>
            openai-api-key                sk-<w48>
            anthropic-api-key             sk-ant-api<d2>-<v60-140>
            anthropic-admin-api-key       sk-ant-admin<d2>-<v60-140>
            anthropic-oauth-token         sk-ant-oat<d2>-<v60-140>
            anthropic-oauth-token         sk-ant-ort<d2>-<v60-140>
            anthropic-session-key         sk-ant-sid<d2>-<v80-140>
            openrouter-api-key            sk-or-v1-<x64>
            huggingface-access-token      hf_<w30-40>
            huggingface-organization-api-token api_org_<w34>
            groq-api-key                  gsk_<w40-60>
            xai-api-key                   xai-<w70-90>
            perplexity-api-key            pplx-<w40-60>
            replicate-api-token           r8_<w37>
            langchain-api-key             lsv2_pt_<x32>_<x10>
            langchain-api-key             lsv2_sk_<x32>_<x10>
            langfuse-secret-key           sk-lf-<x8>-<x4>-<x4>-<x4>-<x12>
            fireworks-api-key             fw_<w22-26>
            cerebras-api-key              csk-<a48>
            tavily-api-key                tvly-<v28-50>
            pinecone-api-key              pcsk_<v60-80>
            nvidia-api-key                nvapi-<v60-70>
            wandb-api-key                 wandb_v1_<v70-90>
            """;
    private static final String CODE =
            """
            github-pat                    ghp_<w36>
            github-oauth                  gho_<w36>
            github-app-token              ghu_<w36>
            github-app-token              ghs_<w36>
            github-app-token              ghs_<d3-12>_<q60+>
            github-refresh-token          ghr_<w36-76>
            github-fine-grained-pat       github_pat_<w22>_<w59>
            github-fine-grained-pat       github_pat_<v82>
            gitlab-pat-routable           glpat-<v27-120>.<a9>
            gitlab-pat-routable           glpat-<v20-120>.<a2>.<a9>
            gitlab-pat                    glpat-<v20-64>
            gitlab-ptt                    glptt-<x40>
            gitlab-deploy-token           gldt-<v20-50>
            gitlab-runner-token-routable  glrt-t<d1>_<v27-120>.<a9>
            gitlab-runner-token           glrt-<v20-50>
            gitlab-runner-token           glrtr-<v20-50>
            gitlab-cicd-job-token         glcbt-<x1-5>_<v20-64>
            gitlab-cicd-job-token         glcbt-<v20-64>
            gitlab-feed-token             glft-<v20-64>
            gitlab-feature-flag-token     glffct-<v20-64>
            gitlab-incoming-mail-token    glimt-<v25-64>
            gitlab-agent-token            glagent-<v50-1024>
            gitlab-oauth-app-secret       gloas-<v64>
            gitlab-scim-token             glsoat-<v20-64>
            gitlab-rrt                    GR1348941<v20-60>
            npm-access-token              npm_<w36>
            pypi-upload-token             pypi-AgE<v50-1000>
            rubygems-api-token            rubygems_<x48>
            clojars-api-token             CLOJARS_<a60>
            docker-pat                    dckr_pat_<v20-40>
            docker-oat                    dckr_oat_<v20-40>
            artifactory-api-key           AKCp<w69>
            artifactory-reference-token   cmVmdGtu<w56>
            jfrog-token                   cmVmd<w59>
            sonar-api-token               squ_<x40>
            sonar-api-token               sqp_<x40>
            sonar-api-token               sqa_<x40>
            sourcegraph-access-token      sgp_<x16>_<x40>
            sourcegraph-access-token      sgp_local_<x40>
            sourcegraph-access-token      sgp_<x40>
            atlassian-api-token           ATATT3<e180-200>
            bitbucket-app-password        ATBB<w32>
            bitbucket-access-token        ATCTT3<e180-200>
            pulumi-api-token              pul-<x40>
            prefect-api-token             pnu_<w36>
            infracost-api-token           ico-<w32>
            postman-api-token             PMAK-<x24>-<x34>
            readme-api-token              rdme_<a70>
            circleci-token                CCIPAT_<w22>_<x40>
            buildkite-token               bkua_<x40>
            codecov-token                 codecov_<w32>
            linear-api-key                lin_api_<w40>
            linear-oauth-token            lin_oauth_<w64>
            scalingo-api-token            tk-us-<v48>
            expo-token                    expo_<w30-60>
            """;
    private static final String CLOUD =
            """
            aws-bedrock-api-key           ABSK<b100-280>
            aws-bedrock-api-key           bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t<b0-2000>
            gcp-api-key                   AIza<v35>
            google-oauth-client-secret    GOCSPX-<v28>
            google-oauth-access-token     ya29.<v30-400>
            google-oauth-refresh-token    1//0<v40-120>
            azure-ad-client-secret        <z4>Q~<z31-34>
            azure-devops-pat              <w76>AZDO<w4>
            alibaba-access-key-id         LTAI<w12-26>
            tencent-secret-id             AKID<w32>
            digitalocean-pat              dop_v1_<x64>
            digitalocean-access-token     doo_v1_<x64>
            digitalocean-refresh-token    dor_v1_<x64>
            databricks-api-token          dapi<x32>-<d1>
            databricks-api-token          dapi<x32>
            databricks-oauth-secret       dose<x32>
            hashicorp-tf-api-token        <w14>.atlasv1.<e60-70>
            vault-service-token           hvs.<v24-120>
            vault-batch-token             hvb.<v100-300>
            vault-recovery-token          hvr.<v24-120>
            vault-service-token           s.<w24>
            fly-access-token              fo1_<v43>
            fly-access-token              fm1r_<m100+>
            fly-access-token              fm1a_<m100+>
            fly-access-token              fm2_<m100+>
            heroku-api-key-v2             HRKU-AA<v58>
            netlify-access-token          nfp_<w36>
            render-api-key                rnd_<w32>
            supabase-access-token         sbp_<x40>
            supabase-secret-key           sb_secret_<v22-40>
            planetscale-password          pscale_pw_<q32-64>
            planetscale-api-token         pscale_tkn_<q32-64>
            planetscale-oauth-token       pscale_oauth_<q32-64>
            neon-api-key                  napi_<a64>
            cloudflare-origin-ca-key      v1.0-<x24>-<x146>
            cloudflare-api-token          cfut_<w40-60>
            cloudflare-api-token          cfat_<w40-60>
            cloudflare-global-api-key     cfk_<w40-60>
            tailscale-key                 tskey-auth-<w8-24>-<w20-60>
            tailscale-key                 tskey-api-<w8-24>-<w20-60>
            tailscale-key                 tskey-client-<w8-24>-<w20-60>
            tailscale-key                 tskey-scim-<w8-24>-<w20-60>
            tailscale-key                 tskey-webhook-<w8-24>-<w20-60>
            tailscale-key                 tskey-<w8-24>-<w20-60>
            tailscale-key                 tskey-<a3-12>-<w8-24>-<w20-60>
            doppler-api-token             dp.pt.<w40-44>
            doppler-api-token             dp.st.<v1-40>.<w40-44>
            doppler-api-token             dp.ct.<w40-44>
            doppler-api-token             dp.sa.<w40-44>
            age-secret-key                AGE-SECRET-KEY-1<U58>
            openshift-user-token          sha256~<v43>
            clickhouse-cloud-api-secret-key 4b1d<w38>
            harness-api-key               pat.<v22>.<w24>.<w20>
            harness-api-key               sat.<v22>.<w24>.<w20>
            octopus-deploy-api-key        API-<U26>
            vercel-token                  vcp_<w50-60>
            vercel-token                  vci_<w50-60>
            vercel-token                  vca_<w50-60>
            vercel-token                  vcr_<w50-60>
            vercel-token                  vck_<w50-60>
            """;
    private static final String SERVICES =
            """
            slack-bot-token               xoxb-<v16-160>
            slack-user-token              xoxp-<v16-200>
            slack-legacy-token            xoxa-<v10-160>
            slack-legacy-token            xoxr-<v10-160>
            slack-legacy-token            xoxo-<v16-160>
            slack-legacy-token            xoxs-<v16-160>
            slack-config-refresh-token    xoxe-<d1>-<w100-200>
            slack-legacy-token            xoxe-<v50-99>
            slack-config-access-token     xoxe.xox<a1>-<d1>-<w100-200>
            slack-app-token               xapp-<d1>-<U8-16>-<d8-16>-<a40-80>
            slack-webhook-url             hooks.slack.com/services/<b40-80>
            slack-webhook-url             hooks.slack.com/workflows/<b40-90>
            slack-webhook-url             hooks.slack.com/triggers/<b30-80>
            stripe-access-token           sk_live_<w10-248>
            stripe-access-token           sk_test_<w10-248>
            stripe-access-token           sk_prod_<w10-99>
            stripe-access-token           rk_live_<w10-248>
            stripe-access-token           rk_test_<w10-248>
            stripe-access-token           rk_prod_<w10-99>
            stripe-webhook-secret         whsec_<m32-44>
            twilio-api-key                SK<x32>
            sendgrid-api-token            SG.<e20-24>.<e39-50>
            sendgrid-api-token            SG.<q66>
            sendinblue-api-token          xkeysib-<x64>-<a16>
            sendinblue-smtp-key           xsmtpsib-<x64>-<a16>
            mailgun-private-api-token     key-<x32>
            mailgun-pub-key               pubkey-<x32>
            mailchimp-api-key             <x32>-us<d1-2>
            resend-api-key                re_<w8>_<w24>
            shopify-access-token          shpat_<w32-38>
            shopify-custom-access-token   shpca_<w32-38>
            shopify-private-app-token     shppa_<w32-38>
            shopify-shared-secret         shpss_<w32-38>
            square-access-token           sq0atp-<v22>
            square-secret                 sq0csp-<v43>
            square-access-token           EAAA<v60>
            facebook-page-access-token    EAAM<w80-400>
            facebook-page-access-token    EAAC<w80-400>
            facebook-access-token         <d15-16>|<v27-40>
            microsoft-teams-webhook       webhook.office.com/webhookb2/<v36>@<v36>/IncomingWebhook/<w32>/<v36>
            discord-webhook               discord.com/api/webhooks/<d17-20>/<v60-80>
            discord-webhook               discordapp.com/api/webhooks/<d17-20>/<v60-80>
            duffel-api-token              duffel_test_<e43>
            duffel-api-token              duffel_live_<e43>
            dynatrace-api-token           dt0c01.<w24>.<w64>
            easypost-api-token            EZAK<w54>
            easypost-test-api-token       EZTK<w54>
            flutterwave-secret-key        FLWSECK_TEST-<x32>-X
            flutterwave-secret-key        FLWSECK-<x32>-X
            flutterwave-public-key        FLWPUBK_TEST-<x32>-X
            flutterwave-encryption-key    FLWSECK_TEST-<x12>
            frameio-api-token             fio-u-<e64>
            gocardless-api-token          live_<e40>
            grafana-service-account-token glsa_<w32>_<x8>
            grafana-cloud-api-token       glc_<b32-400>
            grafana-api-key               eyJrIjoi<b50-400>
            intra42-client-secret         s-s4t2ud-<x64>
            intra42-client-secret         s-s4t2af-<x64>
            lob-api-key                   live_<x35>
            lob-api-key                   test_<x35>
            lob-pub-api-key               test_pub_<x31>
            lob-pub-api-key               live_pub_<x31>
            maxmind-license-key           <w6>_<w29>_mmk
            new-relic-user-api-key        NRAK-<w27>
            new-relic-browser-api-token   NRJS-<x19>
            new-relic-insert-key          NRII-<v32>
            new-relic-license-key         <x36>NRAL
            notion-api-token              ntn_<w43-50>
            notion-api-token              secret_<w43>
            plaid-api-token               access-production-<x8>-<x4>-<x4>-<x4>-<x12>
            plaid-api-token               access-sandbox-<x8>-<x4>-<x4>-<x4>-<x12>
            plaid-api-token               access-development-<x8>-<x4>-<x4>-<x4>-<x12>
            sentry-org-token              sntrys_<m80-400>
            sentry-user-token             sntryu_<x64>
            settlemint-access-token       sm_pat_<w16>
            settlemint-access-token       sm_aat_<w16>
            settlemint-access-token       sm_sat_<w16>
            shippo-api-token              shippo_live_<x40>
            shippo-api-token              shippo_test_<x40>
            typeform-api-token            tfp_<q59>
            airtable-personal-access-token pat<w14>.<x64>
            figma-access-token            figd_<v40-64>
            asana-pat                     1/<d16>:<x32>
            asana-pat                     2/<d16>/<d16>:<x32>
            hubspot-private-app-token     pat-na1-<x8>-<x4>-<x4>-<x4>-<x12>
            hubspot-private-app-token     pat-eu1-<x8>-<x4>-<x4>-<x4>-<x12>
            1password-service-account-token ops_eyJ<b200-1200>
            1password-secret-key          A3-<U6>-<U11>-<U5>-<U5>-<U5>
            1password-secret-key          A3-<U6>-<U6>-<U5>-<U5>-<U5>-<U5>
            defined-networking-api-token  dnkey-<e26>-<e52>
            adobe-client-secret           p8e-<x32>
            mapbox-api-token              sk.eyJ<w60-120>.<v20-30>
            mapbox-api-token              pk.<a60>.<a22>
            telegram-bot-token            <d8-10>:AA<v32-34>
            yandex-aws-access-token       YC<v38>
            yandex-api-key                AQVN<v35-38>
            yandex-access-token           t1.<q7-120>.<v86>
            launchdarkly-access-token     api-<x8>-<x4>-<x4>-<x4>-<x12>
            launchdarkly-access-token     sdk-<x8>-<x4>-<x4>-<x4>-<x12>
            datadog-application-key       ddapp_<w34>
            okta-api-token                SSWS 00<v40>
            braintree-access-token        access_token$production$<a16>$<x32>
            paypal-access-token           access_token$sandbox$<a16>$<x32>
            razorpay-key                  rzp_live_<w14>
            contentful-token              CFPAT-<v43>
            snyk-token                    snyk_uat.<x8>.<v60-300>
            """;

    private VendorTokens() {}

    static List<Detector> all() {
        return (AI + CODE + CLOUD + SERVICES)
                .lines()
                .filter(line -> !line.isBlank())
                .<Detector>map(VendorTokens::rule)
                .toList();
    }

    private static VendorTokenDetector rule(String line) {
        int gap = line.indexOf(' ');
        return new VendorTokenDetector(
                "SECRET." + line.substring(0, gap), TokenShape.parse(line.substring(gap).strip()));
    }
}
