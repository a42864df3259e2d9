using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Host.Http.Security;
using Orchestrator.Host.Tests.Http;

namespace Orchestrator.Host.Tests.Security;

/// <summary>Tokens that tests hand out.</summary>
internal static class Tokens
{
    public const string ClusterSecret = "the-secret-of-the-cluster";

    /// <summary>Settings that let in a token <c>token-of-NAME</c> for each name.</summary>
    public static string Settings(params (string Name, string Roles)[] tokens) =>
        $"security {{ cluster-secret = {ClusterSecret}\n" + string.Concat(tokens.Select(token => $$"""
            tokens.{{token.Name}} { hash = "sha256:{{Convert.ToHexStringLower(Authenticator.Hash(Of(token.Name)))}}", roles = [{{token.Roles}}] }

            """)) + "}";

    public static string Of(string name) => $"token-of-{name}";

    public static async Task<HttpStatusCode> Try(this ApiHost api, HttpMethod method, string path, string? token, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, System.Text.Encoding.UTF8, ApiHost.MediaTypeOf(path));
        }

        using var response = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }
}
