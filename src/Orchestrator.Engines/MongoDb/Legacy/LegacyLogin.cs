using System.Security.Cryptography;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Orchestrator.Engines.MongoDb.Legacy;

/// <summary>Logs in to an old server: by client certificate, MONGODB-CR (2.6), SCRAM-SHA-1 (3.0 and later) or SCRAM-SHA-256 (4.0 and later).</summary>
internal sealed class LegacyLogin
{
    private const string Certificate = "MONGODB-X509";

    // 3.0 brought SCRAM-SHA-1, 4.0 the question for a user's mechanisms.
    private const int HasScram = 3;
    private const int TellsMechanisms = 7;

    private readonly string _mechanism;
    private readonly string _database;
    private readonly string _user;
    private readonly string _password;

    private LegacyLogin(string mechanism, string database, string user, string password)
    {
        (_mechanism, _database, _user, _password) = (mechanism, database, user, password);
    }

    /// <returns>Null where nobody logs in.</returns>
    public static LegacyLogin? For(MongoDbClusterOptions options, MongoUrl url, MongoDbTls tls)
    {
        if (url.AuthenticationMechanism == Certificate || (options.UsesCertificate && tls.HasCertificate))
        {
            return new LegacyLogin(Certificate, "$external", url.Username ?? "", "");
        }

        if (options.User.Length > 0)
        {
            return new LegacyLogin(url.AuthenticationMechanism ?? "", options.AuthenticationDatabase, options.User, options.Password);
        }

        return url.Username is { } user
            ? new LegacyLogin(url.AuthenticationMechanism ?? "", url.AuthenticationSource ?? url.DatabaseName ?? "admin", user, url.Password ?? "")
            : null;
    }

    /// <exception cref="MongoDbRefusal">The server does not accept it.</exception>
    public async Task Run(LegacySocket socket, CancellationToken cancellationToken)
    {
        switch (await Mechanism(socket, cancellationToken).ConfigureAwait(false))
        {
            case Certificate:
                var shown = new BsonDocument { { "authenticate", 1 }, { "mechanism", Certificate } };
                await socket.Run(_database, _user.Length > 0 ? shown.Add("user", _user) : shown, cancellationToken).ConfigureAwait(false);
                return;
            case "MONGODB-CR":
                await ByNonce(socket, cancellationToken).ConfigureAwait(false);
                return;
            case "SCRAM-SHA-256":
                await ByScram(socket, new ScramClient("SCRAM-SHA-256", _user, _password), cancellationToken).ConfigureAwait(false);
                return;
            default:
                await ByScram(socket, new ScramClient("SCRAM-SHA-1", _user, Digest()), cancellationToken).ConfigureAwait(false);
                return;
        }
    }

    private async Task<string> Mechanism(LegacySocket socket, CancellationToken cancellationToken)
    {
        if (_mechanism.Length > 0 || socket.Wire < TellsMechanisms)
        {
            return _mechanism.Length > 0 ? _mechanism : socket.Wire < HasScram ? "MONGODB-CR" : "SCRAM-SHA-1";
        }

        var question = new BsonDocument { { "isMaster", 1 }, { "saslSupportedMechs", $"{_database}.{_user}" } };
        var answer = await socket.Run("admin", question, cancellationToken).ConfigureAwait(false);
        return answer.TryGetValue("saslSupportedMechs", out var known) && known.AsBsonArray.Contains("SCRAM-SHA-256") ? "SCRAM-SHA-256" : "SCRAM-SHA-1";
    }

    private async Task ByNonce(LegacySocket socket, CancellationToken cancellationToken)
    {
        var nonce = (await socket.Run(_database, new BsonDocument("getnonce", 1), cancellationToken).ConfigureAwait(false))["nonce"].AsString;
        var key = Md5($"{nonce}{_user}{Digest()}");
        var proof = new BsonDocument { { "authenticate", 1 }, { "user", _user }, { "nonce", nonce }, { "key", key } };
        await socket.Run(_database, proof, cancellationToken).ConfigureAwait(false);
    }

    private async Task ByScram(LegacySocket socket, ScramClient scram, CancellationToken cancellationToken)
    {
        var start = new BsonDocument { { "saslStart", 1 }, { "mechanism", scram.Mechanism }, { "payload", scram.First() }, { "autoAuthorize", 1 } };
        var answer = await socket.Run(_database, start, cancellationToken).ConfigureAwait(false);
        var payload = scram.Final(answer["payload"].AsByteArray);
        while (true)
        {
            var next = new BsonDocument { { "saslContinue", 1 }, { "conversationId", answer["conversationId"] }, { "payload", payload } };
            answer = await socket.Run(_database, next, cancellationToken).ConfigureAwait(false);
            if (payload.Length > 0 && !scram.IsServer(answer["payload"].AsByteArray))
            {
                throw new MongoDbRefusal(18, "the server does not know the user's password either");
            }

            if (answer["done"].ToBoolean())
            {
                return;
            }

            payload = [];
        }
    }

    /// <summary>What servers store in place of the password (MONGODB-CR and SCRAM-SHA-1).</summary>
    private string Digest() => Md5($"{_user}:mongo:{_password}");

    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
