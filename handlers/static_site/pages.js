// Runs at the edge for every request of a page. The key value store has the target of each decoded path:
// '>/en/' is a redirect, '/en/index.html' is the object to serve. The key '/posts/*' matches all
// paths below '/posts/'.
import cf from 'cloudfront';

const table = cf.kvs();
const site = __SITE__;

async function handler(event) {
    const request = event.request;
    const host = request.headers.host ? request.headers.host.value : '';
    if (site.name && host === 'www.' + site.name) {
        return moved(301, 'https://' + site.name + request.uri, request);
    }
    if (request.uri === '/' && site.languages.length > 0) {
        return moved(302, '/' + language(request) + '/', request);
    }
    const path = decoded(request.uri);
    const found = path === null ? null : await find(path);
    if (found === null) {
        return missing(request.uri);
    }
    if (found.charAt(0) === '>') {
        return moved(301, found.slice(1), request);
    }
    request.uri = found;
    return request;
}

// The event has the path as the client sent it, and clients encode different characters.
function decoded(uri) {
    try {
        return decodeURIComponent(uri);
    } catch (error) {
        return null;
    }
}

async function find(path) {
    const exact = await get(path);
    // Only paths of pages have wildcard routes. A path with the extension of a file is a missing file.
    if (exact !== null || isFile(path.slice(path.lastIndexOf('/')))) {
        return exact;
    }
    const parts = path.split('/');
    for (let kept = Math.min(parts.length, 6) - 1; kept > 0; kept--) {
        const route = await get(parts.slice(0, kept).join('/') + '/*');
        if (route !== null) {
            return route;
        }
    }
    return null;
}

function isFile(name) {
    const dot = name.lastIndexOf('.');
    return dot >= 0 && site.extensions.indexOf(',' + name.slice(dot + 1).toLowerCase() + ',') >= 0;
}

async function get(key) {
    try {
        return await table.get(key);
    } catch (error) {
        return null;
    }
}

function language(request) {
    const cookie = request.cookies.language;
    if (cookie && site.languages.indexOf(cookie.value) >= 0) {
        return cookie.value;
    }
    const header = request.headers['accept-language'];
    let best = site.languages[0];
    let weight = 0;
    const wishes = (header ? header.value : '').split(',').slice(0, 20);
    for (let i = 0; i < wishes.length; i++) {
        const parts = wishes[i].trim().toLowerCase().split(';q=');
        const known = site.languages.indexOf(parts[0].split('-')[0]);
        const wanted = parts.length > 1 ? Number(parts[1]) : 1;
        if (known >= 0 && wanted > weight) {
            best = site.languages[known];
            weight = wanted;
        }
    }
    return best;
}

function moved(status, location, request) {
    return {
        statusCode: status,
        statusDescription: status === 301 ? 'Moved Permanently' : 'Found',
        headers: {
            location: { value: extended(location, query(request.querystring)) },
            'cache-control': { value: status === 301 ? 'public, max-age=3600' : 'no-store' },
        },
    };
}

function query(values) {
    const pairs = [];
    Object.keys(values).forEach(function (name) {
        const all = values[name].multiValue || [values[name]];
        all.forEach(function (each) {
            pairs.push(each.value === '' ? name : name + '=' + each.value);
        });
    });
    return pairs.join('&');
}

// The query belongs before the fragment, and behind a query that the target has.
function extended(location, added) {
    const hash = location.indexOf('#');
    const end = hash < 0 ? location.length : hash;
    const url = location.slice(0, end);
    const sign = url.indexOf('?') < 0 ? '?' : '&';
    return added === '' ? location : url + sign + added + location.slice(end);
}

function missing(path) {
    const folder = path.split('/')[1];
    // A path such as /constructor must not find a member of every object.
    const own = Object.prototype.hasOwnProperty.call(site.missing, folder) && site.missing[folder];
    return {
        statusCode: 404,
        statusDescription: 'Not Found',
        headers: {
            'content-type': { value: 'text/html; charset=utf-8' },
            'cache-control': { value: 'no-store' },
            'x-content-type-options': { value: 'nosniff' },
        },
        body: { encoding: 'text', data: own || site.missing[''] },
    };
}
