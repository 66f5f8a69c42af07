// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, tokens by structure, connection strings. Values are made up and put together here. */
class SecretDetectorsTest {
    private static final String KEY_ID = "AKIA" + "Q3EGRZ7Y2LMNOP5Q";
    private static final String KEY_SECRET = "kT9vXq2LmZ4wRb7Y" + "nC1dJf8sHg5uEo3pAi6t+/Bx";
    private static final String BODY =
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

    @Test
    void accessKeyAndItsSecretAreFound() {
        assertThat(
                        Found.in(
                                "aws_access_key_id = "
                                        + KEY_ID
                                        + "\naws_secret_access_key = "
                                        + KEY_SECRET))
                .containsExactly(
                        "SECRET.aws-access-token=" + KEY_ID, "SECRET.aws-secret-key=" + KEY_SECRET);
    }

    @Test
    void documentedAccessKeyIsAnExample() {
        assertThat(Found.findings("AKIAIOSFODNN7" + "EXAMPLE"))
                .singleElement()
                .matches(f -> f.example());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AKIA",
                "akiaq3egrz7y2lmnop5q",
                "AKIAQ3EGRZ7Y2LMNOP5",
                "XAKIAQ3EGRZ7Y2LMNOP5Q",
                "AKIAQ3EGRZ7Y2LMNOP5QQ"
            })
    void nearMissOfAnAccessKeyIsNotFound(String text) {
        assertThat(Found.types(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "})
    void privateKeyIsFoundAsAWhole(String kind) {
        String block =
                "-----BEGIN "
                        + kind
                        + "PRIVATE KEY-----\n"
                        + BODY
                        + "\n"
                        + BODY
                        + "\n-----END "
                        + kind
                        + "PRIVATE KEY-----";
        assertThat(Found.in("here: " + block + "\nthanks")).containsExactly("PRIVATE_KEY=" + block);
        String escaped = block.replace("\n", "\\n");
        assertThat(Found.in("{\"key\": \"" + escaped + "\"}"))
                .containsExactly("PRIVATE_KEY=" + escaped);
    }

    @Test
    void privateKeyThatIsCutOffIsFoundToItsLastLine() {
        String block = "-----BEGIN PRIVATE KEY-----\n" + BODY + "\n" + BODY.substring(0, 40);
        assertThat(Found.in(block + "\n\nWhat is this?")).containsExactly("PRIVATE_KEY=" + block);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
                "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----",
                "What does -----BEGIN PRIVATE KEY----- mean in a file?",
                "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"
            })
    void publicMaterialIsNotAPrivateKey(String text) {
        assertThat(Found.types(text)).isEmpty();
    }

    private static String jwt(String header) {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String payload = "{\"sub\":\"42\",\"exp\":1700000000}";
        return url.encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + "."
                + url.encodeToString(payload.getBytes(StandardCharsets.UTF_8))
                + "."
                + "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
    }

    @Test
    void tokenWhoseHeaderNamesAnAlgorithmIsFound() {
        String token = jwt("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
        assertThat(Found.in("Authorization: Bearer " + token)).containsExactly("JWT=" + token);
        assertThat(Found.types(jwt("{\"typ\":\"none of them\"}"))).doesNotContain("JWT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://app:Gh7kkz9w@db.internal:5432/app",
                "mongodb+srv://u:Gh7kkz9w@cluster0.ab1cd.mongodb.net/x?w=1",
                "redis://:Gh7kkz9w@cache:6379/0",
                "amqp://svc:Gh7kkz9w@mq:5672",
                "mysql://root:Gh7kkz9w@10.0.0.4/db",
                "Server=db1;Database=x;User Id=sa;Password=Gh7kkz9w;Encrypt=true",
                "jdbc:sqlserver://db1:1433;databaseName=x;user=sa;password=Gh7kkz9w"
            })
    void connectionStringWithAPasswordIsFoundWhole(String value) {
        assertThat(Found.in("uses " + value + " now"))
                .containsExactly("CONNECTION_STRING=" + value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://localhost:5432/app",
                "https://docs.firma.de:8080/a@b",
                "postgres://user:${PASSWORD}@db/app",
                "mysql://user:password@host/db",
                "Server=db1;Database=x;Trusted_Connection=True",
                "redis://<user>:<password>@host"
            })
    void connectionStringWithoutAPasswordIsNotFound(String text) {
        assertThat(Found.types(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password = \"Xk9#pLw2\"",
                "DB_PASSWORD=hunter2zz",
                "the password is Winter2024!",
                "Passwort: Sommer#2023",
                "\"pwd\": \"aB3$kkz\"",
                "login('admin', password='s3cr3tW0rd')"
            })
    void passwordIsFound(String text) {
        assertThat(Found.types(text)).containsExactly("PASSWORD");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api_key: 9f8a7c6b5d4e3f2a1b0c",
                "export SERVICE_TOKEN=kd83jf92ks01lqpz7",
                "X-Api-Key: 83hf7sk29dk1mz8q4x",
                "clientSecret := `q8w7e6r5t4y3u2i1o0p9`"
            })
    void valueOfASecretNameIsFound(String text) {
        assertThat(Found.types(text)).containsExactly("SECRET.generic-api-key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password = os.environ[\"DB_PASSWORD\"]",
                "How long should a password be?",
                "password: required",
                "token = getToken()",
                "max_tokens = 4096",
                "api_key = \"your-api-key\"",
                "secret: ${SECRET}",
                "password_hash = \"5f4dcc3b5aa765d61d8327deb882cf99\"",
                "const tokenizer = \"bert-base-uncased-2\"",
                "public_key: 9f8a7c6b5d4e3f2a1b0c9f8a7c6b5d4e",
                "String token = request.getHeader(\"X\")",
                "auth: { type: 'basic' }",
                "passwordField.text = name",
                "credentialsId: '29f63271-dc2f-4734-8221-5b31b5169bac'",
                "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "integrity=\"sha384-EeffrMn6BPu71pLgipvCIUQpRCUCDedgP4ShFuL2sLJ\"",
                "key = \"name\"",
                "primary_key=user_id2"
            })
    void talkAndCodeAboutSecretsIsNotFound(String text) {
        assertThat(Found.types(text)).isEmpty();
    }

    @Test
    void userAndPasswordOfCurlAreFound() {
        assertThat(Found.in("curl -u elastic:Gh7kkz9w https://db:9200"))
                .containsExactly("SECRET.curl-auth-user=elastic:Gh7kkz9w");
        assertThat(Found.types("curl -u user:password https://db:9200")).isEmpty();
        assertThat(Found.types("ls -u elastic:Gh7kkz9w")).isEmpty();
    }

    @Test
    void bearerOfAHeaderIsFound() {
        assertThat(Found.in("-H 'Authorization: Bearer kd83jf92ks01lqpz7'"))
                .singleElement()
                .asString()
                .endsWith("=kd83jf92ks01lqpz7");
    }

    @Test
    void botTokenOfDiscordIsFound() {
        String id =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("198622483471925248".getBytes(StandardCharsets.US_ASCII));
        String token = id + ".Cl2FMQ." + "ZnCjm1XVW7vRze4b7Cq4se7kKWs";
        assertThat(Found.in("bot " + token)).containsExactly("SECRET.discord-api-token=" + token);
        assertThat(Found.types("see com.company." + "configuration.Something")).isEmpty();
    }
}
