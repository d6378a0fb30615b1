//! `CustomTimeZone`: the names that AWS takes, an older list of the IANA's.
//!
//! Source: <https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html>

use jiff::tz::TimeZone;

use crate::error::ApiError;

/// Checks the name of a time zone; none and an empty one are UTC.
///
/// Names with a hyphen, which are in AWS's list, too, are refused before by the model's pattern.
///
/// # Errors
/// `InvalidArgumentException`: the name is not in AWS's list.
pub(super) fn check(name: &str) -> Result<(), ApiError> {
    let is_known = || match name.split_once('/') {
        Some((area, place)) => AREAS.iter().any(|(known, places)| *known == area && has(places, place)),
        None => matches!(name, "" | "UTC"),
    };
    if is_known() {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA time \
         zones.",
    ))
}

/// The time zone of a name that was checked.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

fn has(places: &str, place: &str) -> bool {
    places.split_ascii_whitespace().any(|known| known == place)
}

/// Areas with their places.
const AREAS: [(&str, &str); 9] = [
    (
        "Africa",
        "Abidjan Accra Addis_Ababa Algiers Asmera Bangui Banjul Bissau Blantyre Bujumbura Cairo Casablanca Conakry \
         Dakar Dar_es_Salaam Djibouti Douala Freetown Gaborone Harare Johannesburg Kampala Khartoum Kigali Kinshasa \
         Lagos Libreville Lome Luanda Lubumbashi Lusaka Malabo Maputo Maseru Mbabane Mogadishu Monrovia Nairobi \
         Ndjamena Niamey Nouakchott Ouagadougou Sao_Tome Timbuktu Tripoli Tunis Windhoek",
    ),
    (
        "America",
        "Adak Anchorage Anguilla Antigua Aruba Asuncion Barbados Belize Bogota Buenos_Aires Caracas Cayenne Cayman \
         Chicago Costa_Rica Cuiaba Curacao Dawson_Creek Denver Dominica Edmonton El_Salvador Fortaleza Godthab \
         Grand_Turk Grenada Guadeloupe Guatemala Guayaquil Guyana Halifax Havana Indianapolis Jamaica La_Paz Lima \
         Los_Angeles Managua Manaus Martinique Mazatlan Mexico_City Miquelon Montevideo Montreal Montserrat Nassau \
         New_York Noronha Panama Paramaribo Phoenix Port_of_Spain Porto_Acre Puerto_Rico Regina Rio_Branco Santiago \
         Santo_Domingo Sao_Paulo Scoresbysund St_Johns St_Kitts St_Lucia St_Thomas St_Vincent Tegucigalpa Thule \
         Tijuana Tortola Vancouver Winnipeg",
    ),
    ("Antarctica", "Casey DumontDUrville Mawson McMurdo Palmer"),
    (
        "Asia",
        "Aden Almaty Amman Anadyr Aqtau Aqtobe Ashgabat Ashkhabad Baghdad Bahrain Baku Bangkok Beirut Bishkek \
         Brunei Calcutta Colombo Dacca Damascus Dhaka Dubai Dushanbe Hong_Kong Irkutsk Jakarta Jayapura Jerusalem \
         Kabul Kamchatka Karachi Katmandu Krasnoyarsk Kuala_Lumpur Kuwait Macao Magadan Manila Muscat Nicosia \
         Novosibirsk Phnom_Penh Pyongyang Qatar Rangoon Riyadh Saigon Seoul Shanghai Singapore Taipei Tashkent \
         Tbilisi Tehran Thimbu Thimphu Tokyo Ujung_Pandang Ulaanbaatar Ulan_Bator Vientiane Vladivostok Yakutsk \
         Yekaterinburg Yerevan",
    ),
    ("Atlantic", "Azores Bermuda Canary Cape_Verde Faeroe Jan_Mayen Reykjavik South_Georgia St_Helena Stanley"),
    ("Australia", "Adelaide Brisbane Broken_Hill Darwin Hobart Lord_Howe Perth Sydney"),
    (
        "Europe",
        "Amsterdam Andorra Athens Belgrade Berlin Brussels Bucharest Budapest Chisinau Copenhagen Dublin Gibraltar \
         Helsinki Istanbul Kaliningrad Kiev Lisbon London Luxembourg Madrid Malta Minsk Monaco Moscow Oslo Paris \
         Prague Riga Rome Samara Simferopol Sofia Stockholm Tallinn Tirane Vaduz Vienna Vilnius Warsaw Zurich",
    ),
    ("Indian", "Antananarivo Chagos Christmas Cocos Comoro Kerguelen Mahe Maldives Mauritius Mayotte Reunion"),
    (
        "Pacific",
        "Apia Auckland Chatham Easter Efate Enderbury Fakaofo Fiji Funafuti Galapagos Gambier Guadalcanal Guam \
         Honolulu Kiritimati Kosrae Majuro Marquesas Nauru Niue Norfolk Noumea Pago_Pago Palau Pitcairn Ponape \
         Port_Moresby Rarotonga Saipan Tahiti Tarawa Tongatapu Truk Wake Wallis",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_list_of_aws() {
        for name in ["", "UTC", "Asia/Tokyo", "Asia/Calcutta", "Europe/Kiev", "America/Buenos_Aires"] {
            check(name).unwrap();
        }
        for name in ["Mars/Phobos", "EST", "Asia/Kolkata", "Europe/Kyiv", "Asia", "Asia/", "/Tokyo", "Asia/Tokyo/Seoul"]
        {
            assert_eq!(
                check(name).unwrap_err().to_string(),
                "Provided custom time zone is not supported. Custom time zones are limited to UTC and non-3-letter IANA \
                 time zones.",
                "{name}"
            );
        }
    }

    #[test]
    fn every_time_zone_of_the_list_is_known_here() {
        for (area, places) in AREAS {
            for place in places.split_ascii_whitespace() {
                let name = format!("{area}/{place}");
                TimeZone::get(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}
