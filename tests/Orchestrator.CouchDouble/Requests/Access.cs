using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Orchestrator.CouchDouble.Requests;

/// <summary>Who may do what.</summary>
internal static class Access
{
    private const int WrongPasswordsToLock = 5;

    public static void Check(DoubleRequest request)
    {
        var cluster = request.Cluster;
        if (cluster.Administrators.Count == 0)
        {
            return;
        }

        var user = UserOf(request);
        if (AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme == "Basic")
        {
            if (cluster.WantsSessions)
            {
                throw new CouchError(401, "unauthorized", "Authentication required.");
            }

            LogIn(cluster, user, Parts(header.Parameter).Second);
        }
        else if (user.Length == 0 && request.Path[0] is not ("" or "_up" or "_session"))
        {
            throw new CouchError(401, "unauthorized", "You are not a server admin.");
        }

        if (!cluster.Administrators.ContainsKey(user) && NeedsAdministrator(request))
        {
            throw new CouchError(403, "forbidden", "You are not a server admin.");
        }
    }

    /// <exception cref="CouchError">The password is wrong, or there were too many wrong ones before.</exception>
    public static void LogIn(DoubleCluster cluster, string user, string password)
    {
        if (cluster.WrongPasswords.GetValueOrDefault(user) >= WrongPasswordsToLock)
        {
            throw new CouchError(403, "forbidden", "Account is temporarily locked due to multiple authentication failures");
        }

        if (cluster.Administrators.GetValueOrDefault(user) != password && cluster.Users.GetValueOrDefault(user) != password)
        {
            cluster.WrongPasswords.AddOrUpdate(user, 1, (_, count) => count + 1);
            throw new CouchError(401, "unauthorized", "Name or password is incorrect.");
        }
    }

    public static string Token(DoubleCluster cluster, string user) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{cluster.Secret}:{user}"));

    /// <summary>The user who asks; empty for none.</summary>
    public static string UserOf(DoubleRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) && header.Scheme == "Basic"
            ? Parts(header.Parameter).First
            : SessionOf(request);

    /// <summary>The user of the session's cookie; empty without one, and for one that has ended.</summary>
    private static string SessionOf(DoubleRequest request)
    {
        var cookie = request.Headers.Cookie.ToString().Split(';', StringSplitOptions.TrimEntries)
            .FirstOrDefault(cookie => cookie.StartsWith("AuthSession=", StringComparison.Ordinal))?["AuthSession=".Length..];
        var (secret, user) = Parts(Uri.UnescapeDataString(cookie ?? ""));
        return secret == request.Cluster.Secret.ToString(CultureInfo.InvariantCulture) ? user : "";
    }

    private static (string First, string Second) Parts(string? token)
    {
        var parts = Encoding.UTF8.GetString(Convert.FromBase64String(token ?? "")).Split(':', 2);
        return (parts[0], parts.ElementAtOrDefault(1) ?? "");
    }

    private static bool NeedsAdministrator(DoubleRequest request) =>
        request.Path[0] is "_node" or "_active_tasks" or "_all_dbs" or "_membership"
        || request.Path.Skip(1).Any(part => part is "_compact" or "_view_cleanup");
}
